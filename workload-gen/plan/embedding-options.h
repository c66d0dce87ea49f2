// SPDX-License-Identifier: MIT
//
// Embedding tables that are spread over data-parallel ranks: the option, and what follows from it.
#pragma once

#include <memory>
#include <vector>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/table-placement.h"
#include "workload-gen/parallel/parallelism.h"

namespace ddlsim {

struct WorkloadOption;
struct WorkloadOptions;

std::vector<WorkloadOption> EmbeddingOptionTable();

// Throws InputError for other options that it cannot go with.
void CheckEmbeddingOptions(const WorkloadOptions& options);

// Of a checked plan; null where every rank has all tables.
std::shared_ptr<const TablePlacement> RequestedTablePlacement(const Parallelism& plan,
                                                              const Architecture& model);

}  // namespace ddlsim
