// SPDX-License-Identifier: GPL-2.0-only
//
// Which algorithms there are for which collective, and which one kAuto means.
#pragma once

#include "collective/schedule.h"

namespace ddlsim {

// The parameters behind the choice between ring and halving-doubling for all_reduce, where the
// network is not known: one latency is worth as many bytes as 2 us at 400 Gb/s, and the messages of
// halving-doubling, which cross the network in all directions, meet one other flow each on average,
// while a ring's neighbours do not.
constexpr uint64_t kLatencyWorthBytes = 100000;
constexpr uint64_t kHalvingDoublingContention = 2;

// The rule behind it; needs more than one rank and a size above 0.
bool IsHalvingDoublingFaster(uint32_t rank_count, uint64_t size_bytes);

// The spec with its algorithm resolved. Throws as MakeSchedule() does.
CollectiveSpec CheckedSpec(const CollectiveSpec& spec);

// Whether every rank is done at once: a single rank, or nothing to move.
bool HasNoSteps(const CollectiveSpec& spec);

}  // namespace ddlsim
