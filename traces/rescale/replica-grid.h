// SPDX-License-Identifier: MIT
//
// Where the copies of a model stand among the ranks: every rank is position `low + stride * high`
// of copy `copy`, and has the number low + stride * (copy + copies * high), low < stride. This is
// how ranks are numbered axis by axis, whichever the order of the axes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/trace-writer.h"

namespace ddlsim {

struct GridPlace {
  uint32_t position = 0;  // within a copy of the model
  uint32_t copy = 0;      // index on the data-parallel axis
};

class ReplicaGrid {
 public:
  // From the groups of the data-parallel axis, which must cover all ranks. Throws InputError (place
  // `place`) where they do not form a grid.
  static ReplicaGrid FromAxis(const std::string& place, const GroupAxis& axis, uint32_t rank_count);

  uint32_t Copies() const { return m_copies; }
  uint32_t Positions() const { return m_positions; }
  uint32_t RankCount() const { return m_copies * m_positions; }
  GridPlace PlaceOf(uint32_t rank) const;
  uint32_t RankOf(GridPlace place) const;
  // The same positions in another number of copies.
  ReplicaGrid WithCopies(uint32_t copies) const;

  // All ranks of a position, of a copy, ascending.
  std::vector<uint32_t> RanksOfPosition(uint32_t position) const;
  std::vector<uint32_t> RanksOfCopy(uint32_t copy) const;

 private:
  uint32_t m_stride = 1;
  uint32_t m_copies = 1;
  uint32_t m_positions = 1;
};

}  // namespace ddlsim
