// SPDX-License-Identifier: MIT
#include "traces/rescale/axis-rescale.h"

#include <algorithm>
#include <set>

#include "base/input-error.h"

namespace ddlsim {
namespace {

using Group = std::vector<uint32_t>;

// The group's positions, in its order.
Group Positions(const Group& group, const ReplicaGrid& grid) {
  Group positions;
  for (uint32_t rank : group) positions.push_back(grid.PlaceOf(rank).position);
  return positions;
}

bool IsWithinCopy(const GroupAxis& axis, const ReplicaGrid& grid) {
  std::vector<std::set<Group>> groups_of_copy(grid.Copies());
  for (const Group& group : axis.groups) {
    const uint32_t copy = grid.PlaceOf(group[0]).copy;
    for (uint32_t rank : group) {
      if (grid.PlaceOf(rank).copy != copy) return false;
    }
    groups_of_copy[copy].insert(Positions(group, grid));
  }
  return std::all_of(groups_of_copy.begin(), groups_of_copy.end(),
                     [&](const auto& groups) { return groups == groups_of_copy[0]; });
}

Group AcrossCopies(const Group& group, const ReplicaGrid& from, const ReplicaGrid& to) {
  const Group positions = Positions(group, from);
  Group ranks;
  for (uint32_t position : std::set<uint32_t>(positions.begin(), positions.end())) {
    const Group copies = to.RanksOfPosition(position);
    ranks.insert(ranks.end(), copies.begin(), copies.end());
  }
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

}  // namespace

AxisReach ReachOf(const std::string& place, const GroupAxis& axis, const ReplicaGrid& grid) {
  if (IsWithinCopy(axis, grid)) return AxisReach::kWithinCopy;
  for (const Group& group : axis.groups) {
    // It must be what it becomes when nothing changes.
    if (group == AcrossCopies(group, grid, grid)) continue;
    throw InputError(place,
                     "axis '" + Printable(axis.name) +
                         "' joins some copies of the model: the group " + "of rank " +
                         std::to_string(group[0]) + " has no counterpart in more",
                     "generate the set anew for that degree");
  }
  return AxisReach::kAcrossCopies;
}

GroupAxis RescaleAxis(const GroupAxis& axis, AxisReach reach, const ReplicaGrid& from,
                      const ReplicaGrid& to) {
  GroupAxis result{axis.name, {}};
  for (const Group& group : axis.groups) {
    if (reach == AxisReach::kAcrossCopies) {
      result.groups.push_back(AcrossCopies(group, from, to));
      continue;
    }
    if (from.PlaceOf(group[0]).copy != 0) continue;  // the first copy's groups stand for all
    for (uint32_t copy = 0; copy < to.Copies(); ++copy) {
      result.groups.emplace_back();
      for (uint32_t position : Positions(group, from)) {
        result.groups.back().push_back(to.RankOf({position, copy}));
      }
    }
  }
  std::sort(result.groups.begin(), result.groups.end(),
            [](const Group& a, const Group& b) { return a[0] < b[0]; });
  return result;
}

std::vector<uint32_t> RescaleRanks(const std::string& place, const std::vector<uint32_t>& ranks,
                                   const ReplicaGrid& from, const ReplicaGrid& to) {
  const std::vector<uint32_t> whole = AcrossCopies(ranks, from, from);
  if (whole != ranks) {
    const auto [own, other] = std::mismatch(ranks.begin(), ranks.end(), whole.begin());
    throw InputError(place,
                     "rank " + std::to_string(*other) + " does other work than rank " +
                         std::to_string(ranks[0]) + ", which stands at the same place of the model",
                     "rescale sets whose copies of the model do the same");
  }
  return AcrossCopies(ranks, from, to);
}

}  // namespace ddlsim
