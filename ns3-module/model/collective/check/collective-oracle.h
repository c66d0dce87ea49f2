// SPDX-License-Identifier: GPL-2.0-only
//
// What each collective starts from and has to end with, in symbols: the definition of correct,
// independent of any schedule.
#pragma once

#include <string>
#include <vector>

#include "collective/check/schedule-executor.h"
#include "collective/schedule.h"

namespace ddlsim {

// Of the members and then the engines of `schedule`.
std::vector<RankMemory> InitialMemories(const CollectiveSpec& spec, const Schedule& schedule);

// Empty if every rank ended with every contribution exactly once, else what is wrong where.
std::string ResultProblem(const CollectiveSpec& spec, const std::vector<RankMemory>& memories);

// Initial memories, execution, result: empty if all is well.
std::string ScheduleProblem(const CollectiveSpec& spec, const Schedule& schedule,
                            ExecutionOrder order, std::mt19937_64& random);

// Block `index` of `count` as the contract states: the first `size mod count` have one byte more.
uint64_t BlockOffset(uint64_t size_bytes, uint32_t count, uint32_t index);
uint64_t BlockSize(uint64_t size_bytes, uint32_t count, uint32_t index);

std::string DescribeCase(const CollectiveSpec& spec);

}  // namespace ddlsim
