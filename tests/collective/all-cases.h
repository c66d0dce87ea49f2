// SPDX-License-Identifier: MIT
//
// The cases that the tests go through: every schedule that exists, with sizes around the edges.
#pragma once

#include <cstdint>
#include <vector>

#include "collective/schedule.h"

namespace ddlsim {

// 1..17, 32, 64.
std::vector<uint32_t> RankCounts();

// One spec per collective and explicit algorithm, on `rank_count` ranks, without size and root.
std::vector<CollectiveSpec> AllSchedules(uint32_t rank_count);

// No bytes, fewer than ranks, as many, an odd number, multiples of the rank count.
std::vector<uint64_t> Sizes(uint32_t rank_count);

// All of these: every schedule, every size (one for barrier), every root where there is one. In
// groups above 17, roots other than the first get two sizes each, in turns.
std::vector<CollectiveSpec> AllCases(uint32_t rank_count);

}  // namespace ddlsim
