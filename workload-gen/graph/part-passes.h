// SPDX-License-Identifier: MIT
//
// Forward and backward passes of one part of a model, micro-batch by micro-batch.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "workload-gen/graph/node-stream.h"
#include "workload-gen/graph/stage-cut.h"
#include "workload-gen/graph/tensor-pieces.h"

namespace ddlsim {

// What a pass meets outside its part.
class PassSurroundings {
 public:
  virtual ~PassSurroundings() = default;
  // What the first operations of a forward pass wait for: the parameters.
  virtual NodeIds Parameters() const = 0;
  // Before the operations of a block (-1: none) are emitted, forward or backward; what they wait
  // for besides.
  virtual NodeIds EnterBlock(int block, const std::string& prefix, bool is_backward) = 0;
  // Before an operation's forward pass is emitted, unless that is a recomputation; what it waits
  // for besides.
  virtual NodeIds EnterForward(size_t operation) = 0;
  // An operation's gradients are complete with this node.
  virtual void OnGradient(size_t operation, uint64_t node, const std::string& prefix) = 0;
};

class PartPasses {
 public:
  // How the passes run, which is the same for all micro-batches.
  struct Ways {
    bool recompute = false;
    TensorOverlap overlap;
    uint32_t tensor_ranks = 1;
    uint64_t activation_bytes = 2;  // of one value
  };
  PartPasses(const StagePart& part, const Ways& ways, NodeStream& nodes, PassSurroundings& outside)
      : m_part(part),
        m_recompute(ways.recompute),
        m_reloads_beside_products(ways.overlap.method != TensorOverlap::Method::kNone),
        m_nodes(nodes),
        m_outside(outside),
        m_pieces(part.model, ways.overlap, ways.tensor_ranks, ways.activation_bytes, nodes) {}

  // `received`: the node that brings the stage's input, kNone for the first part. Returns the node
  // that makes the part's output, kNone for the last part.
  uint64_t Forward(uint32_t micro_batch, uint64_t received, const std::string& prefix);
  // `received`: the node that brings the output's gradient. Returns what makes the gradient of the
  // stage's input (empty for the first part). `is_split`: leaves weights' gradients to
  // BackwardWeights().
  NodeIds Backward(uint32_t micro_batch, uint64_t received, bool is_split,
                   const std::string& prefix);
  void BackwardWeights(uint32_t micro_batch, const std::string& prefix);

 private:
  // A weight's gradient that is yet to be computed, and what it waits for.
  struct Pending {
    size_t operation;
    NodeIds data;
  };
  struct MicroBatch {
    NodeIds forward;               // node of each operation's newest forward pass
    std::vector<Pending> pending;  // is_split: until BackwardWeights()
  };

  void EmitForward(MicroBatch& batch, const std::string& phase, const std::string& prefix,
                   size_t index, const NodeIds& block_data);
  NodeIds BesidesInputs(size_t index);
  void Recompute(MicroBatch& batch, size_t last, const std::string& prefix);
  void EmitBackward(MicroBatch& batch, size_t index, NodeIds sources, bool is_split,
                    const std::string& prefix);
  void Reload(const MicroBatch& batch, size_t exchange, const std::string& prefix);
  void EmitExchange(size_t index, NodeIds& sources, const std::string& prefix);
  void EmitWeights(const Pending& pending, const std::string& prefix);
  size_t ExchangeBefore(const Operation& operation) const;
  void PassOn(size_t index, const NodeIds& sources);

  static constexpr size_t kNoOperation = SIZE_MAX;

  const StagePart& m_part;
  const bool m_recompute;
  const bool m_reloads_beside_products;
  NodeStream& m_nodes;
  PassSurroundings& m_outside;
  TensorPieces m_pieces;
  std::map<uint32_t, MicroBatch> m_batches;
  // Of the backward pass under way: nodes that make the gradient of each operation's output, the
  // weights' gradients that wait for an exchange, by exchange, and its reload.
  std::vector<NodeIds> m_gradients;
  std::map<size_t, std::vector<Pending>> m_behind_exchange;
  std::map<size_t, uint64_t> m_reloads;
  NodeIds m_block_data;
};

}  // namespace ddlsim
