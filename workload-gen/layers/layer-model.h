// SPDX-License-Identifier: MIT
//
// A model as the list of operations that one GPU runs for one micro-batch, in forward order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hardware/roofline.h"
#include "traces/execution-graph.h"
#include "workload-gen/layers/held-memory.h"

namespace ddlsim {

// What a group of ranks that divides a layer exchanges.
struct Exchange {
  std::string axis;  // of the group: "tp"
  CollectiveType collective = CollectiveType::kAllReduce;
  // Each rank sends so much to the next of the group and receives it from the one before, instead.
  bool is_ring = false;
  uint64_t size_bytes = 0;  // as GraphNode::size_bytes
  MemberShares shares{};    // of an all_to_all
};

struct ParameterTensor {
  std::string name;  // "block3.attention.query.weight"
  uint64_t elements = 0;
  // All ranks of a tensor-parallel group hold it whole, and each sees a part of the tokens only.
  bool sums_over_tensor = false;
  bool is_tied = false;        // the first and the last stage of a pipeline have a copy each
  bool routed_expert = false;  // of one expert among those that a router chooses from
  // An embedding table, or rows of one, that no other rank holds. The backward pass updates it:
  // there is nothing to reduce, and nothing left for the optimizer.
  bool is_sharded_table = false;
};

struct Operation {
  std::string name;                // "block3.attention.query"
  std::string operation_class;     // matmul, attention, convolution, norm, elementwise, embedding,
                                   // loss, exchange
  int block = -1;                  // the residual block that it belongs to; -1: none
  std::vector<size_t> inputs;      // earlier operations whose outputs it reads
  std::vector<size_t> parameters;  // tensors that it reads and to whose gradients it contributes
  std::vector<size_t> frozen;      // of LayerModel::frozen, that it reads
  Work forward;
  Work backward;
  // The part of `backward` that only the optimizer waits for: gradients of parameters. Its matrix
  // kernels are the last ones there.
  Work weight_gradient{0, 0, 0};
  // Of operations that exchange data instead of computing; a pass without one hands its input on.
  std::optional<Exchange> forward_exchange;
  std::optional<Exchange> backward_exchange;
  // Before the readers' weight gradients: what was not kept from the forward pass.
  std::optional<Exchange> reload;
  // False where the gradient passes through unchanged (a residual addition): no kernel runs.
  bool has_backward = true;
  // The activation that it hands on, in the format of activations (the loss: one fp32 value).
  uint64_t output_bytes = 0;
  // What this operation adds to the memory that is held from the forward to the backward pass: its
  // output, where it or a reader of it needs that again, and what it keeps besides. Each tensor is
  // counted once, by its producer. Copies of weights in the compute format are not activations.
  uint64_t saved_bytes = 0;
  HeldMemory held;

  bool IsExchange() const { return forward_exchange || backward_exchange; }
  bool HasWeights() const { return !parameters.empty() || !frozen.empty(); }
};

// Invariants: inputs[i] < own index; every parameter is used by at least one operation with a
// backward pass; a parameter may be used by several (tied embeddings).
struct LayerModel {
  std::string name;
  std::vector<ParameterTensor> parameters;
  std::vector<ParameterTensor> frozen;  // that training leaves as they are, beside adapters
  std::vector<Operation> operations;
  // Parameters of experts that a token is not routed to.
  uint64_t inactive_parameters = 0;

  uint64_t ParameterCount() const {
    uint64_t count = TrainedParameterCount();
    for (const ParameterTensor& tensor : frozen) count += tensor.elements;
    return count;
  }
  uint64_t TrainedParameterCount() const {
    uint64_t count = 0;
    for (const ParameterTensor& tensor : parameters) count += tensor.elements;
    return count;
  }
  // Those that take part in the computation of one token: fewer in a mixture of experts.
  uint64_t ActiveParameterCount() const { return ParameterCount() - inactive_parameters; }
};

}  // namespace ddlsim
