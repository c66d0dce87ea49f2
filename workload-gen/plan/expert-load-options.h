// SPDX-License-Identifier: MIT
//
// Options about experts that get more tokens than others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/expert-loads.h"
#include "workload-gen/parallel/parallelism.h"

namespace ddlsim {

struct WorkloadOption;

struct ExpertLoadOptions {
  uint64_t imbalance_ppm = 1000000;  // of the mean, that the fullest rank gets
  std::string file;                  // measured loads; empty: none
};

// Part of WorkloadOptionTable().
std::vector<WorkloadOption> ExpertLoadOptionTable();

// Null where all ranks get equally many tokens. Throws InputError, by the option or the line of the
// file at fault, for loads that the model or the plan cannot have. `plan`: checked.
std::shared_ptr<const ExpertLoads> RequestedExpertLoads(const ExpertLoadOptions& options,
                                                        const Parallelism& plan,
                                                        const Architecture& model, uint64_t seed);

}  // namespace ddlsim
