// SPDX-License-Identifier: MIT
//
// Axes and rank classes of a set in another number of copies of the model.
#pragma once

#include <vector>

#include "traces/rescale/replica-grid.h"
#include "traces/trace-set.h"

namespace ddlsim {

// How the groups of an axis lie to the copies of the model.
enum class AxisReach {
  kWithinCopy,   // every group stands within one copy, and all copies have the same ones
  kAcrossCopies  // every group holds all copies of each of its positions, in ascending order
};

// Throws InputError (place `place`) for an axis that is neither.
AxisReach ReachOf(const std::string& place, const GroupAxis& axis, const ReplicaGrid& grid);

// The axis in the grid `to`.
GroupAxis RescaleAxis(const GroupAxis& axis, AxisReach reach, const ReplicaGrid& from,
                      const ReplicaGrid& to);

// The ranks of a class in the grid `to`. Throws InputError for a class that holds some copies only.
std::vector<uint32_t> RescaleRanks(const std::string& place, const std::vector<uint32_t>& ranks,
                                   const ReplicaGrid& from, const ReplicaGrid& to);

}  // namespace ddlsim
