// SPDX-License-Identifier: MIT
//
// How the layers of a model are divided among ranks: tensor parallelism (Shoeybi et al. 2019,
// Megatron-LM), sequence parallelism beside it (Korthikanti et al. 2022), context parallelism by
// ring attention (Liu et al. 2023), expert parallelism (Lepikhin et al. 2020, GShard), and
// embedding tables that are spread over data-parallel ranks (Naumov et al. 2019, DLRM).
#pragma once

#include <cstdint>
#include <memory>

#include "workload-gen/layers/expert-loads.h"
#include "workload-gen/layers/table-placement.h"

namespace ddlsim {

struct Sharding {
  uint64_t tensor = 1;
  bool sequence = false;  // norms and residuals hold 1 / tensor of the tokens each
  uint64_t context = 1;   // each rank has 1 / context of every sequence
  uint64_t expert = 1;    // each rank has 1 / expert of the experts
  // Ranks that share one expert's width: 1, or as many as `tensor`.
  uint64_t expert_tensor = 1;
  std::shared_ptr<const ExpertLoads> expert_loads;  // null: all experts get equally many tokens
  std::shared_ptr<const TablePlacement> tables;     // null: each rank has all embedding tables
  // Whose part this is, among the `expert`, or among the ranks of `tables`.
  uint32_t member = 0;

  bool IsTrivial() const { return tensor == 1 && context == 1 && expert == 1; }
};

}  // namespace ddlsim
