// SPDX-License-Identifier: MIT
//
// How long an iteration takes without packets: the graphs of one rank per pipeline stage, walked in
// the order of time, with exchanges by closed formulas. Kernels of a rank run one after another;
// its exchanges share its scale-up links and its NICs. What a formula cannot know is left out:
// contention in switches, loss, ranks that drift apart.
#pragma once

#include <cstdint>

#include "hardware/host.h"
#include "workload-gen/plan/workload.h"

namespace ddlsim {

struct IterationEstimate {
  uint64_t iteration_ns = 0;
  uint64_t compute_ns = 0;      // of the stage that computes longest
  uint64_t compute_end_ns = 0;  // when the last stage's kernels are done
  uint64_t nodes = 0;
};

// Of the first iteration, on so many hosts with as many ranks on each; 0: as few as have the GPUs.
// Throws InputError (places --hardware, --nodes, --estimate) for what does not fit the hosts, has
// no formula or is too large to hold.
IterationEstimate EstimateIteration(const Workload& workload, const Host& host, uint32_t nodes);

}  // namespace ddlsim
