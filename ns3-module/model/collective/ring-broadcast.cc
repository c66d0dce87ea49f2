// SPDX-License-Identifier: GPL-2.0-only
#include "collective/ring-broadcast.h"

#include <algorithm>

namespace ddlsim {

RingBroadcast::RingBroadcast(uint32_t rank_count, uint64_t size_bytes, uint32_t root)
    : m_rank_count(rank_count),
      m_root(root),
      m_block_count(static_cast<uint32_t>(std::min<uint64_t>(rank_count, size_bytes))),
      m_blocks(size_bytes, m_block_count) {}

uint32_t RingBroadcast::StepCount() const {
  return m_rank_count - 1 + m_block_count - 1;
}

// Block b reaches the rank at distance d from the root in step d-1+b, and leaves it in step d+b.
void RingBroadcast::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint32_t distance = (rank + n - m_root) % n;
  const bool sends = distance + 1 < n && step >= distance && step - distance < m_block_count;
  if (sends) {
    const uint32_t block = step - distance;
    actions.sends.push_back(
        {(rank + 1) % n, m_blocks.OffsetBytes(block), m_blocks.SizeBytes(block)});
  }
  const bool receives = distance > 0 && step + 1 >= distance && step + 1 - distance < m_block_count;
  if (receives) {
    const uint32_t block = step + 1 - distance;
    actions.receives.push_back(
        {(rank + n - 1) % n, m_blocks.OffsetBytes(block), m_blocks.SizeBytes(block), false});
  }
}

CriticalPath RingBroadcast::PortPath() const {
  return {1, m_blocks.OffsetBytes(m_block_count)};
}

CriticalPath RingBroadcast::Path() const {
  const uint64_t size_bytes = m_blocks.OffsetBytes(m_block_count);
  return {m_rank_count - 1, size_bytes + (m_rank_count - 2) * m_blocks.SizeBytes(0)};
}

}  // namespace ddlsim
