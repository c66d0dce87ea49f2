// SPDX-License-Identifier: MIT
//
// What ddl-workload prints.
#pragma once

#include <string>
#include <vector>

#include "workload-gen/estimate/iteration-estimate.h"
#include "workload-gen/plan/workload.h"

namespace ddlsim {

// A few lines for a person. `folder` is empty where nothing was written.
std::string Summarize(const Workload& workload, const std::vector<IterationTotals>& totals,
                      const std::string& folder);

// A line per figure, the number behind its name.
std::string SummarizeEstimate(const Workload& workload, const Host& host,
                              const IterationEstimate& estimate);

// A table of all models.
std::string ModelTable();
// A table of all GPU presets.
std::string GpuTable();

}  // namespace ddlsim
