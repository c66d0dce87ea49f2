// SPDX-License-Identifier: GPL-2.0-only
#include "collective/in-network-all-reduce.h"

namespace ddlsim {

InNetworkAllReduce::InNetworkAllReduce(uint32_t rank_count, uint32_t local_size,
                                       uint64_t size_bytes)
    : m_rank_count(rank_count),
      m_local_size(local_size),
      m_leaf_count(rank_count / local_size),
      m_size_bytes(size_bytes) {}

// Level 0 are the ranks, 1 the leaves, 2 the root. In the first half of the steps level i sends up
// in step i, the second half is the first one backwards.
void InNetworkAllReduce::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const bool down = 2 * step >= StepCount();
  const uint32_t sending_level = down ? StepCount() - 1 - step : step;
  const uint32_t first_leaf = m_rank_count;
  const uint32_t root = m_rank_count + m_leaf_count;
  const uint32_t level = rank < first_leaf ? 0 : rank < root ? 1 : 2;
  const auto lane = static_cast<uint8_t>(down ? 1 : 0);
  if (level == sending_level) {
    const uint32_t above = level == 0 ? first_leaf + rank / m_local_size : root;
    if (down) {
      actions.receives.push_back({above, 0, m_size_bytes, false, lane});
    } else {
      actions.sends.push_back({above, 0, m_size_bytes, lane});
    }
  } else if (level == sending_level + 1) {
    const uint32_t first_below = level == 1 ? (rank - first_leaf) * m_local_size : first_leaf;
    const uint32_t below_count = level == 1 ? m_local_size : m_leaf_count;
    for (uint32_t i = 0; i < below_count; ++i) {
      if (down) {
        actions.sends.push_back({first_below + i, 0, m_size_bytes, lane});
      } else {
        actions.receives.push_back({first_below + i, 0, m_size_bytes, true, lane});
      }
    }
  }
}

CriticalPath InNetworkAllReduce::Path() const {
  return {1, StepCount() * m_size_bytes};
}

}  // namespace ddlsim
