// SPDX-License-Identifier: MIT
//
// Options about low-rank adapters.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/adapters.h"

namespace ddlsim {

struct WorkloadOption;

struct AdapterOptions {
  uint64_t rank = 0;    // 0: none
  std::string targets;  // empty: attention
};

// Part of WorkloadOptionTable().
std::vector<WorkloadOption> AdapterOptionTable();

// Throws InputError for models that adapters are not modelled for.
Adapters RequestedAdapters(const AdapterOptions& options, const Architecture& model);

}  // namespace ddlsim
