// SPDX-License-Identifier: GPL-2.0-only
//
// iterations.csv: a row per iteration, at the end of a run; and what they are on average, without
// those that warm up.
#pragma once

#include <cstdint>
#include <vector>

#include "replay/operation-record.h"
#include "results/result-folder.h"

namespace ddlsim {

void WriteIterations(ResultFolder& folder, const std::vector<IterationRecord>& iterations,
                     uint64_t warm_up);

// Means over iterations and ranks. The three parts add up to iteration_ps; idle takes the rounding.
struct IterationSplit {
  uint64_t iteration_ps = 0;
  uint64_t compute_ps = 0;
  uint64_t exposed_communication_ps = 0;
  uint64_t pipeline_wait_ps = 0;  // of this
  uint64_t idle_ps = 0;
  // Of the iterations' times.
  uint64_t min_ps = 0;
  uint64_t max_ps = 0;
  uint64_t deviation_ps = 0;  // standard deviation of the sample; 0 where there is one
};
// Over those behind the first `warm_up`, or over all where there are no more.
IterationSplit SplitIterations(const std::vector<IterationRecord>& iterations, uint64_t warm_up);

// Of a run that did not come to its end: all of it, as one iteration of `total_ps`.
IterationSplit SplitUnfinished(const std::vector<RankRecord>& ranks, uint64_t total_ps);

}  // namespace ddlsim
