// SPDX-License-Identifier: MIT
//
// A file that appears under its name only when it is whole: written as NAME.part, then renamed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ddlsim {

class OutputFile {
 public:
  // Creates PATH.part. Throws InputError (place PATH) where it cannot be written, as do the others.
  explicit OutputFile(const std::string& path);
  ~OutputFile();  // removes PATH.part unless Commit() was reached
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void Write(const std::string& bytes);
  void Close();   // nothing may be written after it
  void Commit();  // closes where that is still to do, and renames

  std::string PartPath() const;
  uint64_t SizeBytes() const;
  // SHA-256 of what was written, 64 lower-case hexadecimal digits; after Close().
  const std::string& Sha256() const;

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

// SHA-256 of a regular file. Throws InputError (place PATH).
std::string Sha256OfFile(const std::string& path);

// Creates the folder and those above it. Throws InputError (place: the folder), also for a link to
// a folder: results/latest is one, and what it points to is somebody's results.
void CreateFolder(const std::string& folder);

// The same for a folder of traces, which is new, empty, has a set already, or what is left of one
// that was not finished: anything else in it was not meant.
void CreateTraceFolder(const std::string& folder);

}  // namespace ddlsim
