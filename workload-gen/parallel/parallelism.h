// SPDX-License-Identifier: MIT
//
// A parallelism plan: degrees, the order of the ranks, the communicator groups that follow, and
// what is impossible.
//
// Ranks are those of the dense layers: tensor x context x data x pipeline. Expert parallelism
// divides no ranks of its own: the experts of a layer lie on `expert` of the ranks that otherwise
// would hold copies of it, as in Megatron-LM; `expert` x `expert_tensor` divides tensor x context x
// data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/trace-writer.h"
#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/sharding.h"
#include "workload-gen/parallel/rank-grid.h"
#include "workload-gen/parallel/tensor-overlap.h"

namespace ddlsim {

struct Parallelism {
  uint32_t tensor = 1;
  uint32_t context = 1;
  uint32_t expert = 1;
  uint32_t expert_tensor = 0;  // 0: as `tensor`
  uint32_t data = 1;
  uint32_t pipeline = 1;
  uint32_t data_group = 0;  // ranks of an inner group of those that share gradients; 0: no groups
  uint32_t servers = 0;     // parameter servers, ranks behind all others
  EmbeddingSharding embedding_sharding = EmbeddingSharding::kDataParallel;  // over `data`
  bool sequence = true;                       // beside tensor parallelism
  TensorOverlap overlap;                      // the same
  std::string rank_order = "tp-cp-ep-dp-pp";  // neighbours first

  uint32_t RankCount() const;  // of checked degrees
  uint32_t ExpertTensor() const { return expert_tensor == 0 ? tensor : expert_tensor; }
  // Ranks that share the gradients of dense layers, of experts.
  uint32_t GradientRanks() const { return data * context; }
  uint32_t ExpertGradientRanks() const {
    return tensor * context * data / (expert * ExpertTensor());
  }
  // Ranks of a group whose members may have unequal parts of the model: GroupMembers().
  uint32_t MemberCount() const {
    return embedding_sharding == EmbeddingSharding::kDataParallel ? expert : data;
  }
  Sharding LayerSharding() const;
};

// Throws InputError, by the option at fault, for degrees that the model or each other cannot go
// with. `batch`: of one micro-batch.
void CheckParallelism(const Parallelism& plan, const Architecture& model, const BatchShape& batch);

// "tp-cp-ep-dp-pp" -> {"tp", "cp", "ep", "dp", "pp"}. Throws InputError unless each is there once.
std::vector<std::string> ParseRankOrder(const std::string& place, const std::string& text);

// The grid of the dense layers: axes tp, cp, dp, pp.
RankGrid DenseGrid(const Parallelism& plan);

// By rank: which member it is of its expert group, or of the data-parallel ranks over which tables
// are spread. All 0 where every rank has all experts and tables.
std::vector<uint32_t> GroupMembers(const Parallelism& plan);

// All groups of more than one rank: tp, cp, dp (ranks that share gradients of dense layers), pp,
// embedding (first and last stage), with groups among those that share gradients dp_inner and
// dp_outer, and with experts on several ranks ep and edp.
std::vector<GroupAxis> GroupAxes(const Parallelism& plan);

}  // namespace ddlsim
