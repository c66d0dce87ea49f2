// SPDX-License-Identifier: MIT
//
// From a planned workload to a trace set on disk.
#pragma once

#include <string>
#include <vector>

#include "workload-gen/plan/workload.h"

namespace ddlsim {

// Writes the trace set into `folder`: the rank classes, and the groups of the parallelism plan.
// Throws InputError if the folder cannot be written.
std::vector<IterationTotals> WriteWorkload(const Workload& workload, const std::string& folder);

}  // namespace ddlsim
