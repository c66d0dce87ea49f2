// SPDX-License-Identifier: MIT
//
// ZeRO 1 and 2 with parameters that are gathered beside the forward pass (Megatron-LM's
// --overlap-param-gather): what the optimizer has updated is gathered bucket by bucket in the order
// of use during the next iteration's first micro-batch, instead of behind the optimizer. Each group
// that gathers (of dense layers, of experts) has an order of its own.
//
// A stage of one part issues a bucket's gather when an operation comes to wait for it, and the next
// bucket's with it (megatron/core/distributed/param_and_grad_buffer.py, finish_param_sync()). A
// stage of several parts issues those of whole parts, so that all stages of the pipeline gather at
// the same time instead of one after another (--align-param-gather, which is Megatron-LM's default
// there): of the first two when the iteration begins, of each further one when the part before it
// begins (megatron/core/pipeline_parallel/schedules.py, param_sync_func).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "workload-gen/graph/gradient-sync.h"
#include "workload-gen/graph/node-stream.h"
#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

class ForwardGathering {
 public:
  // `value_bytes`: of one parameter on the network.
  explicit ForwardGathering(uint64_t value_bytes) : m_value_bytes(value_bytes) {}

  // In the order of the layers, all of them before the first iteration; both outlive this object.
  // Parts are numbered from 0.
  void AddPart(const LayerModel& model, const GradientSync& sync);
  // `parameters`: what gathers wait for, the optimizer of the iteration before.
  void BeginIteration(NodeIds parameters);
  // Before an operation's forward pass is emitted, in the part's first micro-batch; returns the
  // gathers that the operation waits for.
  NodeIds Enter(size_t part, size_t operation, NodeStream& nodes);

 private:
  struct Bucket {
    const BucketQueue* queue;
    size_t index;
    uint64_t gather = NodeStream::kNone;  // of this iteration
  };
  // What one group gathers, in order.
  struct Order {
    std::vector<Bucket> buckets;
    std::vector<size_t> part_ends;  // how many buckets there are up to the end of each part
    size_t issued = 0;
  };
  struct Place {
    std::string axis;
    size_t position;  // in its order
  };

  void Issue(Order& order, size_t count, NodeStream& nodes) const;

  const uint64_t m_value_bytes;
  NodeIds m_parameters;
  std::map<std::string, Order> m_orders;                // by axis
  std::vector<std::vector<std::vector<Place>>> m_uses;  // by part and operation
};

}  // namespace ddlsim
