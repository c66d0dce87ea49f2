// SPDX-License-Identifier: GPL-2.0-only
//
// A buffer that holds, instead of bytes, where its bytes come from: each byte is a multiset of
// initial bytes of ranks, summed up. Ranges of bytes with the same history are one segment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ddlsim {

// Byte x of a segment contains byte x + shift of the rank's initial buffer, `count` times.
struct Contribution {
  uint32_t rank = 0;
  int64_t shift = 0;
  uint32_t count = 1;
  bool operator==(const Contribution& other) const {
    return rank == other.rank && shift == other.shift && count == other.count;
  }
};

// Sorted by (rank, shift). What nobody has written contains kGarbage, so that it cannot be reduced
// or sent on unnoticed.
using Content = std::vector<Contribution>;
constexpr uint32_t kGarbage = UINT32_MAX;

std::string Describe(const Content& content);

class SymbolicBuffer {
 public:
  explicit SymbolicBuffer(uint64_t size_bytes = 0);

  uint64_t SizeBytes() const { return m_size_bytes; }
  // The range must lie within the buffer, here as below.
  void Fill(uint64_t offset_bytes, uint64_t size_bytes, const Content& content);
  // A copy of the range, its own offsets starting at 0.
  SymbolicBuffer Read(uint64_t offset_bytes, uint64_t size_bytes) const;
  void Store(uint64_t offset_bytes, const SymbolicBuffer& data);
  void Reduce(uint64_t offset_bytes, const SymbolicBuffer& data);
  // Empty if every byte of the range contains just `expected`, else the first that does not.
  std::string Difference(uint64_t offset_bytes, uint64_t size_bytes, const Content& expected) const;

 private:
  using Segments = std::map<uint64_t, Content>;  // by first byte; each ends where the next begins
  Segments::iterator CutAt(uint64_t offset_bytes);

  uint64_t m_size_bytes;
  Segments m_segments;
};

}  // namespace ddlsim
