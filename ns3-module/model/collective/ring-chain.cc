// SPDX-License-Identifier: GPL-2.0-only
#include "collective/ring-chain.h"

#include <algorithm>

namespace ddlsim {

RingChain::RingChain(uint32_t rank_count, uint64_t size_bytes, uint32_t root, bool reduces)
    : m_rank_count(rank_count),
      m_first(reduces ? (root + 1) % rank_count : root),
      m_reduces(reduces),
      m_block_count(static_cast<uint32_t>(std::min<uint64_t>(rank_count, size_bytes))),
      m_blocks(size_bytes, m_block_count) {}

// Block b leaves the rank at place p of the chain in step p+b, and has reached it in step p-1+b.
void RingChain::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint32_t place = (rank + n - m_first) % n;
  if (place + 1 < n && step >= place && step - place < m_block_count) {
    const uint32_t block = step - place;
    actions.sends.push_back(
        {(rank + 1) % n, m_blocks.OffsetBytes(block), m_blocks.SizeBytes(block)});
  }
  if (place > 0 && step + 1 >= place && step + 1 - place < m_block_count) {
    const uint32_t block = step + 1 - place;
    actions.receives.push_back(
        {(rank + n - 1) % n, m_blocks.OffsetBytes(block), m_blocks.SizeBytes(block), m_reduces});
  }
}

CriticalPath RingChain::Path() const {
  const uint64_t size_bytes = m_blocks.OffsetBytes(m_block_count);
  return {m_rank_count - 1, size_bytes + (m_rank_count - 2) * m_blocks.SizeBytes(0)};
}

CriticalPath RingChain::PortPath() const {
  return {1, m_blocks.OffsetBytes(m_block_count)};
}

}  // namespace ddlsim
