// SPDX-License-Identifier: GPL-2.0-only
//
// How a buffer is cut into blocks: by bytes, since schedules know of no elements, into sizes that
// differ by at most one byte, the larger ones first. Fewer bytes than blocks leave the last blocks
// empty.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ddlsim {

class BlockSplit {
 public:
  BlockSplit(uint64_t size_bytes, uint32_t block_count)
      : m_quotient(size_bytes / block_count), m_larger_count(size_bytes % block_count) {}

  // Where block `index` begins; `index` may be the number of blocks, which gives the size.
  uint64_t OffsetBytes(uint32_t index) const {
    return index * m_quotient + std::min<uint64_t>(index, m_larger_count);
  }
  uint64_t SizeBytes(uint32_t index) const { return m_quotient + (index < m_larger_count ? 1 : 0); }

 private:
  uint64_t m_quotient;
  uint64_t m_larger_count;  // these blocks have one byte more
};

// Smallest k with 2^k >= count, and largest k with 2^k <= count; count above 0.
inline uint32_t FloorLog2(uint32_t count) {
  uint32_t log = 0;
  while (count >>= 1) ++log;
  return log;
}
inline uint32_t CeilLog2(uint32_t count) {
  return count == 1 ? 0 : FloorLog2(count - 1) + 1;
}

}  // namespace ddlsim
