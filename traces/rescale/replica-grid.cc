// SPDX-License-Identifier: MIT
#include "traces/rescale/replica-grid.h"

#include <algorithm>

#include "base/input-error.h"

namespace ddlsim {

ReplicaGrid ReplicaGrid::FromAxis(const std::string& place, const GroupAxis& axis,
                                  uint32_t rank_count) {
  const std::string shown = "axis '" + Printable(axis.name) + "' ";
  const std::string remedy = "rescale sets whose data-parallel groups are alike and evenly spaced";
  ReplicaGrid grid;
  grid.m_copies = static_cast<uint32_t>(axis.groups.at(0).size());
  if (grid.m_copies < 2) {
    throw InputError(place, shown + "has groups of one rank, so nothing is exchanged on it",
                     "generate the set with two data-parallel ranks or more");
  }
  size_t members = 0;
  for (const auto& group : axis.groups) members += group.size();
  const bool is_ascending = axis.groups[0][1] > axis.groups[0][0];
  if (members != rank_count || !is_ascending || rank_count % grid.m_copies != 0) {
    throw InputError(place, shown + "does not divide all ranks into ascending groups of one size",
                     remedy);
  }
  grid.m_stride = axis.groups[0][1] - axis.groups[0][0];
  grid.m_positions = rank_count / grid.m_copies;
  if (grid.m_positions % grid.m_stride != 0) throw InputError(place, shown + "is no grid", remedy);
  for (const auto& group : axis.groups) {
    const uint32_t position = grid.PlaceOf(group[0]).position;
    if (group != grid.RanksOfPosition(position)) {
      throw InputError(place,
                       shown + "is no grid: the group of rank " + std::to_string(group[0]) +
                           " is spaced otherwise",
                       remedy);
    }
  }
  return grid;
}

GridPlace ReplicaGrid::PlaceOf(uint32_t rank) const {
  const uint32_t low = rank % m_stride;
  const uint32_t high = rank / m_stride / m_copies;
  return {low + m_stride * high, rank / m_stride % m_copies};
}

uint32_t ReplicaGrid::RankOf(GridPlace place) const {
  const uint32_t low = place.position % m_stride;
  const uint32_t high = place.position / m_stride;
  return low + m_stride * (place.copy + m_copies * high);
}

ReplicaGrid ReplicaGrid::WithCopies(uint32_t copies) const {
  ReplicaGrid grid = *this;
  grid.m_copies = copies;
  return grid;
}

std::vector<uint32_t> ReplicaGrid::RanksOfPosition(uint32_t position) const {
  std::vector<uint32_t> ranks;
  for (uint32_t copy = 0; copy < m_copies; ++copy) ranks.push_back(RankOf({position, copy}));
  return ranks;
}

std::vector<uint32_t> ReplicaGrid::RanksOfCopy(uint32_t copy) const {
  std::vector<uint32_t> ranks;
  for (uint32_t position = 0; position < m_positions; ++position) {
    ranks.push_back(RankOf({position, copy}));
  }
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

}  // namespace ddlsim
