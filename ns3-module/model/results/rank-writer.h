// SPDX-License-Identifier: GPL-2.0-only
//
// ranks.csv: a row per rank, at the end of a run; and the split of an iteration that follows.
#pragma once

#include <cstdint>
#include <vector>

#include "replay/operation-record.h"
#include "results/result-folder.h"

namespace ddlsim {

void WriteRanks(ResultFolder& folder, const std::vector<RankRecord>& ranks);

// One iteration, split into means over the ranks. The three parts add up to iteration_ps; idle
// takes the rounding.
struct IterationSplit {
  uint64_t iteration_ps = 0;
  uint64_t compute_ps = 0;
  uint64_t exposed_communication_ps = 0;
  uint64_t idle_ps = 0;
};
// `total_ps` is the time of all `iterations` (above 0) together; they are taken as alike.
IterationSplit SplitIteration(const std::vector<RankRecord>& ranks, uint64_t total_ps,
                              uint64_t iterations);
// When the last rank ended.
uint64_t LastEndPs(const std::vector<RankRecord>& ranks);

}  // namespace ddlsim
