// SPDX-License-Identifier: MIT
//
// How data-parallel ranks bring their gradients together: buckets as PyTorch's
// DistributedDataParallel forms them, reduced as soon as the backward pass has completed them,
// whole or, under ZeRO (Rajbhandari et al. 2019), a part for each rank.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload-gen/gradient-buckets.h"
#include "workload-gen/graph/node-stream.h"
#include "workload-gen/layer-model.h"

namespace ddlsim {

// What is divided among data-parallel ranks.
enum class ZeroStage : uint8_t {
  kNone,        // nothing: gradients are all-reduced
  kOptimizer,   // 1: reduce_scatter once per iteration, all_gather of the parameters after it
  kGradients,   // 2: reduce_scatter in every micro-batch, since no rank keeps all gradients
  kParameters,  // 3: parameters too, which are gathered before they are used
};

struct DataParallelPlan {
  uint32_t ranks = 1;         // that share dense gradients
  uint32_t expert_ranks = 1;  // that share those of experts
  bool divides_experts = false;
  ZeroStage zero = ZeroStage::kNone;
  BucketLimits buckets;
  uint64_t gradient_bytes = 4;   // of one value, on the network too
  uint64_t parameter_bytes = 2;  // of one value where parameters are gathered
  uint32_t prefetch = 1;         // units whose parameters are gathered ahead
  uint32_t backward_prefetch = 1;
};

// Buckets that one group reduces, in order.
class BucketQueue {
 public:
  // `name`: before the buckets' numbers in node names.
  BucketQueue(const LayerModel& model, std::vector<GradientBucket> buckets, std::string axis,
              std::string name, CollectiveType reduction);

  const std::vector<GradientBucket>& Buckets() const { return m_buckets; }
  void Reset();
  void OnGradient(size_t operation, uint64_t node, const std::string& prefix, NodeStream& nodes);
  const NodeIds& Reduced() const { return m_reduced; }
  // All-gathers of the buckets' parameters, in the formats of the plan.
  void Gather(uint64_t after, const DataParallelPlan& plan, NodeStream& nodes,
              NodeIds& gathered) const;

 private:
  const std::string m_axis;
  const std::string m_name;
  const CollectiveType m_reduction;
  std::vector<GradientBucket> m_buckets;
  std::vector<NodeIds> m_gradients;               // by bucket
  std::vector<std::vector<size_t>> m_buckets_of;  // by operation
  size_t m_next = 0;
  NodeIds m_reduced;
};

// The gradients of one part of a model. Not of ZeRO 3.
class GradientSync {
 public:
  // `name`: of the part, in node names; empty where it is the only one.
  GradientSync(const LayerModel& model, const DataParallelPlan& plan, const std::string& name);

  const std::vector<BucketQueue>& Queues() const { return m_queues; }
  // Begins anew: no gradient is complete.
  void Reset();
  // The operation's gradients are complete with `node`: reduces the buckets that are now. `prefix`
  // goes before node names.
  void OnGradient(size_t operation, uint64_t node, const std::string& prefix, NodeStream& nodes);
  // Adds what has been reduced since Reset().
  void AddReduced(NodeIds& ids) const;
  // ZeRO 1 and 2: gathers the parameters after the optimizer; what the next forward pass waits for.
  void GatherParameters(uint64_t optimizer, NodeStream& nodes, NodeIds& gathered) const;

 private:
  const DataParallelPlan& m_plan;
  std::vector<BucketQueue> m_queues;  // none where there is nobody to exchange with
};

}  // namespace ddlsim
