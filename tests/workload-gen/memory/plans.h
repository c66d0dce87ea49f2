// SPDX-License-Identifier: MIT
//
// Plans for tests of memory.
#pragma once

#include <string>
#include <vector>

#include "workload-gen/plan/workload.h"

namespace ddlsim {

// Options as typed: {"--model=gpt2", "--dp=4"}.
WorkloadOptions TypedOptions(const std::vector<std::string>& words);
Workload Planned(const std::vector<std::string>& words);

// A random plan that is possible.
std::vector<std::string> RandomPlan(uint32_t seed);

}  // namespace ddlsim
