// SPDX-License-Identifier: GPL-2.0-only
#include "results/lane-assigner.h"

#include <algorithm>
#include <iterator>

namespace ddlsim {

uint32_t LaneAssigner::Assign(uint64_t start_ps, uint64_t end_ps) {
  uint32_t lane = LaneCount();
  const auto next = m_free_since.upper_bound({start_ps, UINT32_MAX});
  if (next != m_free_since.begin()) {
    const auto best = std::prev(next);
    lane = ~best->second;
    m_free_since.erase(best);
  }
  m_free_since.emplace(std::max(start_ps, end_ps), ~lane);
  return lane;
}

}  // namespace ddlsim
