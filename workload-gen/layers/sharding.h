// SPDX-License-Identifier: MIT
//
// How the layers of a model are divided among ranks: tensor parallelism (Shoeybi et al. 2019,
// Megatron-LM), sequence parallelism beside it (Korthikanti et al. 2022), context parallelism by
// ring attention (Liu et al. 2023) and expert parallelism (Lepikhin et al. 2020, GShard).
#pragma once

#include <cstdint>

namespace ddlsim {

struct Sharding {
  uint64_t tensor = 1;
  bool sequence = false;  // norms and residuals hold 1 / tensor of the tokens each
  uint64_t context = 1;   // each rank has 1 / context of every sequence
  uint64_t expert = 1;    // each rank has 1 / expert of the experts
  // Ranks that share one expert's width: 1, or as many as `tensor`.
  uint64_t expert_tensor = 1;
  // The rank of an expert group that most tokens are routed to gets so many times the mean.
  double expert_imbalance = 1;

  bool IsTrivial() const { return tensor == 1 && context == 1 && expert == 1; }
};

}  // namespace ddlsim
