// SPDX-License-Identifier: MIT
//
// What --embedding-sharding asks for, and what it cannot go with.
#pragma once

#include <string>

#include "workload-gen/parallel/parallelism.h"

namespace ddlsim {

// "data_parallel", "table_wise" or "row_wise". Throws InputError (at `place`).
EmbeddingSharding ParseEmbeddingSharding(const std::string& place, const std::string& text);
const char* EmbeddingShardingName(EmbeddingSharding sharding);

// Throws InputError where the model has no tables to spread, or there is one rank.
void CheckEmbeddingSharding(const Parallelism& plan, const Architecture& model);

}  // namespace ddlsim
