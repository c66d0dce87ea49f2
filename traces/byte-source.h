// SPDX-License-Identifier: MIT
//
// The bytes of a file from front to back, decompressed on the way where the file is gzip. Memory is
// two fixed buffers, whatever the file claims to hold.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ddlsim {

class ByteSource {
 public:
  // Throws InputError (place PATH) where the file cannot be opened or is no regular file.
  explicit ByteSource(const std::string& path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Copies the next `size` bytes to `out`; fewer only at the end. Throws RecordError for a read
  // error or a damaged gzip stream.
  size_t Read(char* out, size_t size);

  // Bytes handed out so far: a position in the decompressed stream.
  uint64_t OffsetBytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace ddlsim
