// SPDX-License-Identifier: MIT
//
// Products in pieces, each of which waits for its piece of the exchange before it, or is exchanged
// while the next one is computed (Wang et al. 2023, Overlap Communication with Dependent
// Computation via Decomposition; Transformer Engine's userbuffers; PyTorch's asynchronous tensor
// parallelism).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "workload-gen/graph/node-stream.h"
#include "workload-gen/graph/overlap-plan.h"
#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

class TensorPieces {
 public:
  // `ranks`: of a tensor-parallel group; `value_bytes`: of one value of an activation.
  TensorPieces(const LayerModel& model, const TensorOverlap& overlap, uint32_t ranks,
               uint64_t value_bytes, NodeStream& nodes)
      : m_model(model),
        m_plan(model, overlap, ranks),
        m_is_ring(overlap.method == TensorOverlap::Method::kRingExchange),
        m_splits(overlap.splits),
        m_ranks(ranks),
        m_value_bytes(value_bytes),
        m_nodes(nodes) {}

  bool CutsForward(size_t operation) const {
    return m_plan.RoleOf(operation) != OverlapPlan::Role::kWhole;
  }
  // How many operations, from this one on, its EmitForward() emits: products in pieces that read
  // the same all_gather come with the first of them, and 0 with the others.
  size_t EmittedTogether(size_t operation) const {
    return m_plan.RoleOf(operation) == OverlapPlan::Role::kGatheredProduct ? m_readers : 1;
  }
  // A product in pieces, or the exchange behind it, in the backward pass.
  bool CutsBackward(size_t operation) const {
    const OverlapPlan::Role role = m_plan.RoleOf(operation);
    return role == OverlapPlan::Role::kScatteredProduct || role == OverlapPlan::Role::kScatter;
  }

  // In the order of the operations. `prefix`: of node names, with the phase. `inputs`: what the
  // operation waits for. `forward`: the node of each operation's newest forward pass, which this
  // sets.
  void EmitForward(size_t operation, const std::string& prefix, const NodeIds& inputs,
                   NodeIds& forward);
  // The exchange's gradient, which `sources` make of this rank's rows: returns what all rows of it
  // wait for.
  NodeIds EmitGather(size_t scatter, const std::string& prefix, const NodeIds& sources);
  // The gradient of the product's input, behind EmitGather(). `data`: what it waits for besides.
  // Returns the node that completes it.
  uint64_t EmitInputGradient(size_t product, const std::string& prefix, const NodeIds& data);

 private:
  std::string Name(const std::string& prefix, size_t operation) const {
    return prefix + m_model.operations[operation].name;
  }
  void PassRound(const std::string& name, uint64_t size_bytes, const NodeIds& own);
  void EmitGathered(size_t first, const std::string& prefix, const NodeIds& inputs,
                    NodeIds& forward);
  uint64_t EmitScatter(size_t scatter, const std::string& prefix);
  uint64_t SendPieces(size_t scatter, const std::string& name);

  const LayerModel& m_model;
  const OverlapPlan m_plan;
  const bool m_is_ring;
  const uint32_t m_splits;
  const uint32_t m_ranks;
  const uint64_t m_value_bytes;
  NodeStream& m_nodes;
  // Of the exchange under way: what brings each rank's rows, this one's first; or the pieces of the
  // product before it, and what that waited for.
  std::vector<NodeIds> m_arrivals;
  size_t m_readers = 0;
  NodeIds m_pieces;
  NodeIds m_product_inputs;
};

}  // namespace ddlsim
