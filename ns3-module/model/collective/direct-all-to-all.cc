// SPDX-License-Identifier: GPL-2.0-only
#include "collective/direct-all-to-all.h"

namespace ddlsim {

DirectAllToAll::DirectAllToAll(uint32_t rank_count, uint64_t size_bytes)
    : m_rank_count(rank_count), m_blocks(size_bytes, rank_count) {}

void DirectAllToAll::Step(uint32_t rank, uint32_t /*step*/, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint64_t received_bytes = m_blocks.SizeBytes(rank);
  for (uint32_t i = 1; i < n; ++i) {
    const uint32_t to = (rank + i) % n;
    const uint32_t from = (rank + n - i) % n;
    if (m_blocks.SizeBytes(to) > 0) {
      actions.sends.push_back({to, m_blocks.OffsetBytes(to), m_blocks.SizeBytes(to)});
    }
    if (received_bytes > 0) {
      actions.receives.push_back({from, from * received_bytes, received_bytes, false});
    }
  }
}

CriticalPath DirectAllToAll::Path() const {
  return {1, (m_rank_count - 1) * m_blocks.SizeBytes(0)};
}

}  // namespace ddlsim
