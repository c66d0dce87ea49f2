// SPDX-License-Identifier: MIT
//
// The cases that the tests go through: every schedule that exists, with sizes around the edges.
#pragma once

#include <cstdint>
#include <vector>

#include "collective/schedule.h"

namespace ddlsim {

// Whether DDL_ALL_RANK_COUNTS is set, for the long test.
bool TriesAllRankCounts();

// 1..17, 32, 64; for the long test 1..64.
std::vector<uint32_t> RankCounts();

// One spec per collective and explicit algorithm, on `rank_count` ranks, without size and root;
// those that look at nodes once for each size of nodes that divides the rank count (1, 2, 3, 4, 8
// and the whole group, where it is more than these).
std::vector<CollectiveSpec> AllSchedules(uint32_t rank_count);

// No bytes, fewer than ranks, as many, an odd number, multiples of the rank count.
std::vector<uint64_t> Sizes(uint32_t rank_count);

// All of these: every schedule, every size (one for barrier), every root where there is one; and
// all_to_all with unequal sizes. In groups above 17 the sizes take turns for the roots beyond the
// first: two for each in the long test; else every second size for every fourth root.
std::vector<CollectiveSpec> AllCases(uint32_t rank_count);

// Sizes of a few bytes per pair, many of them none, drawn from `seed`.
std::shared_ptr<const std::vector<uint64_t>> RandomPairBytes(uint32_t rank_count, uint64_t seed);

// DDL_TEST_SEED, or `otherwise`; printed, so that a failure can be replayed.
uint64_t PrintedSeed(uint64_t otherwise);

}  // namespace ddlsim
