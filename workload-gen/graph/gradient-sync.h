// SPDX-License-Identifier: MIT
//
// How data-parallel ranks bring their gradients together: buckets as PyTorch's
// DistributedDataParallel forms them, reduced as soon as the backward pass has completed them,
// whole or, under ZeRO (Rajbhandari et al. 2019), a part for each rank.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "workload-gen/graph/data-parallel-plan.h"
#include "workload-gen/graph/gradient-buckets.h"
#include "workload-gen/graph/gradient-reduction.h"
#include "workload-gen/graph/node-stream.h"
#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

// Buckets that one group reduces, in order.
class BucketQueue {
 public:
  // `name`: before the buckets' numbers in node names.
  BucketQueue(const LayerModel& model, std::vector<GradientBucket> buckets, std::string axis,
              std::string name, uint64_t gradient_bytes,
              std::unique_ptr<GradientReduction> reduction);

  const std::vector<GradientBucket>& Buckets() const { return m_buckets; }
  const std::string& Axis() const { return m_axis; }
  void Reset();
  void OnGradient(uint32_t micro_batch, size_t operation, uint64_t node, const std::string& prefix,
                  NodeStream& nodes);
  const NodeIds& Reduced() const { return m_reduced; }
  // A collective over each bucket's parameters, in a format of so many bytes.
  void Exchange(CollectiveType type, uint64_t after, uint64_t value_bytes, NodeStream& nodes,
                NodeIds& exchanged) const;
  // Over those of one bucket; returns its node.
  uint64_t ExchangeBucket(size_t bucket, CollectiveType type, NodeIds data, NodeIds control,
                          uint64_t value_bytes, NodeStream& nodes) const;

 private:
  // Of a micro-batch, whose gradients may come in two passes with others' between them.
  struct Progress {
    std::vector<NodeIds> gradients;  // by bucket
    size_t next = 0;                 // bucket to be reduced
  };

  std::string m_axis;
  std::string m_name;
  uint64_t m_gradient_bytes;
  std::unique_ptr<GradientReduction> m_reduction;
  std::vector<GradientBucket> m_buckets;
  std::vector<std::vector<size_t>> m_buckets_of;  // by operation
  std::map<uint32_t, Progress> m_progress;        // by micro-batch, until all is reduced
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
  // The operation's gradients of a micro-batch are complete with `node`: reduces the buckets that
  // are now. `prefix` goes before node names.
  void OnGradient(uint32_t micro_batch, size_t operation, uint64_t node, const std::string& prefix,
                  NodeStream& nodes);
  // Adds what has been reduced since Reset().
  void AddReduced(NodeIds& ids) const;
  // ZeRO 1 and 2: gathers the parameters after the optimizer, unless the forward pass does; what
  // the next forward pass waits for.
  void GatherParameters(uint64_t optimizer, NodeStream& nodes, NodeIds& gathered) const;
  // Local SGD: averages the parameters after the optimizer.
  void AverageParameters(uint64_t optimizer, NodeStream& nodes, NodeIds& averaged) const;
  // Parameter servers: receives what the servers have made of the gradients.
  void PullParameters(NodeStream& nodes, NodeIds& received) const;

 private:
  const DataParallelPlan& m_plan;
  std::vector<BucketQueue> m_queues;  // none where there is nobody to exchange with
};

}  // namespace ddlsim
