// SPDX-License-Identifier: GPL-2.0-only
//
// Rows for operations that run at the same time, so that no two on one row overlap.
#pragma once

#include <cstdint>
#include <set>
#include <utility>

namespace ddlsim {

// Intervals [start, end) are assigned as they come, each to the row that became free last before
// its start, or else to a new one. No two intervals of a row overlap, in whatever order they come;
// in order of their ends, which is how operations complete, the rows are as few as possible.
class LaneAssigner {
 public:
  // The row, from 0.
  uint32_t Assign(uint64_t start_ps, uint64_t end_ps);
  uint32_t LaneCount() const { return static_cast<uint32_t>(m_free_since.size()); }

 private:
  // (end of the row's last interval, complement of the row): of two rows free since one time, the
  // lower one comes last and is taken.
  std::set<std::pair<uint64_t, uint32_t>> m_free_since;
};

}  // namespace ddlsim
