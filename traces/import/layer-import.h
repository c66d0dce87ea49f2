// SPDX-License-Identifier: MIT
//
// A layer table and a parallelism policy to a trace set in which all ranks do the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/import/layer-table.h"
#include "traces/trace-reader.h"

namespace ddlsim {

struct LayerImportOptions {
  std::string folder;  // of the set; created if missing
  std::string generator_command;
  std::string policy;        // empty: the table's own; the names of LayerPolicyNames()
  uint32_t rank_count = 0;   // 1 to kRankCountMax
  uint64_t model_ranks = 0;  // ranks that share one copy of the model; 0: the table's own
  uint64_t iterations = 1;
  CommSizeMeaning comm_size_meaning = CommSizeMeaning::kTotal;  // what the table's sizes mean
};

std::vector<std::string> LayerPolicyNames();

// Throws InputError: an unknown policy, ranks that the model's ranks do not divide, a communication
// that the policy has no ranks for. The folder holds no set then.
void ImportLayers(const LayerTable& table, const LayerImportOptions& options);

}  // namespace ddlsim
