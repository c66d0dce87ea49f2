// SPDX-License-Identifier: MIT
//
// What data-parallel ranks divide and exchange.
#pragma once

#include <cstdint>

#include "workload-gen/graph/gradient-buckets.h"

namespace ddlsim {

// What is divided among data-parallel ranks.
enum class ZeroStage : uint8_t {
  kNone,        // nothing: gradients are all-reduced
  kOptimizer,   // 1: reduce_scatter once per iteration, all_gather of the parameters after it
  kGradients,   // 2: reduce_scatter in every micro-batch, since no rank keeps all gradients
  kParameters,  // 3: parameters too, which are gathered before they are used
};

// How gradients are made smaller on the network; docs/parallelism.md has bytes and kernels.
enum class Compression : uint8_t {
  kNone,
  kFp16,  // sent as fp16
  kInt8,  // quantised to 8 bits (QSGD, Alistarh et al. 2017): all_to_all, sum, all_gather
  kTopK,  // the largest values with their indices, the rest kept for later (Lin et al. 2018):
          // all_gather
};

struct DataParallelPlan {
  uint32_t ranks = 1;         // that share dense gradients
  uint32_t expert_ranks = 1;  // that share those of experts
  bool divides_experts = false;
  ZeroStage zero = ZeroStage::kNone;
  // ZeRO 1 and 2: parameters are gathered during the next forward pass (ForwardGathering).
  bool gathers_beside_forward = false;
  // Ranks of an inner group, which reduces before its members do so with those of other groups, and
  // within which ZeRO divides; 0: one group of all.
  uint32_t inner_ranks = 0;
  Compression compression = Compression::kNone;
  double top_share = 0.01;   // of the values, that kTopK sends
  uint32_t local_steps = 1;  // iterations between two averages of the parameters (local SGD)
  uint32_t servers = 0;      // parameter servers, behind the `ranks` workers; 0: none
  bool is_asynchronous = false;
  uint32_t staleness = 0;  // iterations that a worker may be ahead of the slowest
  BucketLimits buckets;
  uint64_t gradient_bytes = 4;   // of one value, on the network too
  uint64_t parameter_bytes = 2;  // of one value where parameters are gathered
  uint64_t stored_bytes = 4;     // of one value where parameters are kept, averaged and served
  uint32_t prefetch = 1;         // units whose parameters are gathered ahead
  uint32_t backward_prefetch = 1;

  // Among which ZeRO divides.
  uint32_t ShardRanks() const { return inner_ranks > 0 ? inner_ranks : ranks; }
  // The rank that keeps a bucket of parameters.
  uint32_t ServerOf(size_t bucket) const { return ranks + static_cast<uint32_t>(bucket % servers); }
};

}  // namespace ddlsim
