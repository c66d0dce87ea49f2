// SPDX-License-Identifier: MIT
//
// Memory of each stage against time on a network that costs nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "workload-gen/describe/pipeline-diagram.h"
#include "workload-gen/memory/workload-memory.h"

namespace ddlsim {

struct MemoryMoment {
  uint32_t stage = 0;
  uint64_t time_ns = 0;  // from here on to the stage's next one
  MemoryUse use;         // the most that is held in that time
};

// The first iteration, stage by stage, with a moment at its begin and one at its end. Where memory
// does not change in between there is none. Of the ranks whose peak `verdict` has; so are `passes`.
std::vector<MemoryMoment> MemoryCourse(const Workload& workload, const MemoryVerdict& verdict,
                                       const std::vector<PassSpan>& passes);

}  // namespace ddlsim
