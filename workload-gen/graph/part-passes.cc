// SPDX-License-Identifier: MIT
#include "workload-gen/graph/part-passes.h"

#include <utility>

#include "workload-gen/layers/work-pieces.h"

namespace ddlsim {
namespace {

bool IsNothing(const Work& work) {
  return work.operations == 0 && work.memory_bytes == 0;
}

}  // namespace

void PartPasses::EmitForward(MicroBatch& batch, const std::string& phase, const std::string& prefix,
                             size_t index, const NodeIds& block_data) {
  const Operation& operation = m_part.model.operations[index];
  NodeIds inputs;
  for (size_t input : operation.inputs) AddUnique(inputs, batch.forward[input]);
  if (operation.inputs.empty()) inputs = m_outside.Parameters();
  if (m_pieces.CutsForward(index)) {
    if (!operation.IsExchange()) inputs.insert(inputs.end(), block_data.begin(), block_data.end());
    m_pieces.EmitForward(index, prefix + phase, inputs, batch.forward);
    return;
  }
  const std::string name = prefix + phase + operation.name;
  uint64_t& node = batch.forward[index];
  if (!operation.IsExchange()) {
    for (uint64_t id : block_data) AddUnique(inputs, id);
    node = m_nodes.Compute(name, operation.operation_class, operation.forward, std::move(inputs));
  } else if (operation.forward_exchange) {
    node = m_nodes.Exchanged(name, *operation.forward_exchange, std::move(inputs));
  } else {
    node = inputs.front();
  }
}

uint64_t PartPasses::Forward(uint32_t micro_batch, uint64_t received, const std::string& prefix) {
  const std::vector<Operation>& operations = m_part.model.operations;
  MicroBatch& batch = m_batches[micro_batch];
  batch.forward.assign(operations.size(), NodeStream::kNone);
  int block = -2;
  for (size_t i = 0; i < operations.size(); ++i) {
    if (i == 0 && m_part.has_input) {
      batch.forward[0] = received;
      continue;
    }
    if (operations[i].block != block) {
      block = operations[i].block;
      m_block_data = m_outside.EnterBlock(block, prefix, false);
    }
    EmitForward(batch, "forward/", prefix, i, BesidesInputs(i));
  }
  return m_part.output ? batch.forward[*m_part.output] : NodeStream::kNone;
}

// What an operation's forward pass waits for besides its inputs.
NodeIds PartPasses::BesidesInputs(size_t index) {
  NodeIds data = m_block_data;
  for (size_t i = index; i < index + m_pieces.EmittedTogether(index); ++i) {
    for (uint64_t id : m_outside.EnterForward(i)) AddUnique(data, id);
  }
  return data;
}

// The forward pass of the block that ends with operation `last`.
void PartPasses::Recompute(MicroBatch& batch, size_t last, const std::string& prefix) {
  const std::vector<Operation>& operations = m_part.model.operations;
  size_t first = last;
  while (first > 0 && operations[first - 1].block == operations[last].block) --first;
  for (size_t k = first; k <= last; ++k) {
    EmitForward(batch, "recompute/", prefix, k, m_block_data);
  }
}

NodeIds PartPasses::Backward(uint32_t micro_batch, uint64_t received, bool is_split,
                             const std::string& prefix) {
  const std::vector<Operation>& operations = m_part.model.operations;
  MicroBatch& batch = m_batches.at(micro_batch);
  m_gradients.assign(operations.size(), {});
  if (m_part.output) m_gradients[*m_part.output].push_back(received);
  int block = -2, recomputed_block = -1;
  const size_t first = m_part.has_input ? 1 : 0;
  for (size_t i = operations.size(); i-- > first;) {
    const Operation& operation = operations[i];
    if (operation.block != block) {
      block = operation.block;
      m_block_data = m_outside.EnterBlock(block, prefix, true);
    }
    if (m_recompute && block >= 0 && block != recomputed_block) {
      recomputed_block = block;
      Recompute(batch, i, prefix);
    }
    EmitBackward(batch, i, std::move(m_gradients[i]), is_split, prefix);
  }
  NodeIds sources;
  if (m_part.has_input) sources = std::move(m_gradients[0]);
  if (batch.pending.empty()) m_batches.erase(micro_batch);
  return sources;
}

void PartPasses::PassOn(size_t index, const NodeIds& sources) {
  for (size_t input : m_part.model.operations[index].inputs) {
    for (uint64_t id : sources) AddUnique(m_gradients[input], id);
  }
}

// The exchange whose gradient this operation contributes to and that goes over the wire while the
// weight's gradient is computed; kNoOperation: none.
size_t PartPasses::ExchangeBefore(const Operation& operation) const {
  for (size_t input : operation.inputs) {
    const Operation& before = m_part.model.operations[input];
    if (before.backward_exchange && !IsNothing(operation.weight_gradient)) return input;
  }
  return kNoOperation;
}

void PartPasses::EmitBackward(MicroBatch& batch, size_t index, NodeIds sources, bool is_split,
                              const std::string& prefix) {
  const Operation& operation = m_part.model.operations[index];
  if (operation.IsExchange()) {
    EmitExchange(index, sources, prefix);
    PassOn(index, sources);
    return;
  }
  if (!operation.has_backward) {
    PassOn(index, sources);
    return;
  }
  const size_t exchange = ExchangeBefore(operation);
  const bool is_cut = m_pieces.CutsBackward(index);
  const bool has_weights_apart =
      (is_split && !IsNothing(operation.weight_gradient)) || exchange != kNoOperation || is_cut;
  const Work work = has_weights_apart ? Without(operation.backward, operation.weight_gradient)
                                      : operation.backward;
  // Last the saved activations: reading the graph, gradients come first.
  NodeIds data = sources;
  AddUnique(data, batch.forward[index]);
  for (uint64_t id : m_block_data) AddUnique(data, id);
  if (!has_weights_apart) {
    const uint64_t node = m_nodes.Compute(prefix + "backward/" + operation.name,
                                          operation.operation_class, work, std::move(data));
    PassOn(index, {node});
    if (!operation.parameters.empty()) m_outside.OnGradient(index, node, prefix);
    return;
  }
  Pending pending{index, data};
  const bool reloads_beside =
      m_reloads_beside_products && !IsExpertProduct(m_part.model, operation);
  if (reloads_beside) Reload(batch, exchange, prefix);
  // Without a gradient of its input, as at a model's begin, there is no first half.
  if (is_cut) {
    NodeIds others = m_block_data;
    others.push_back(batch.forward[index]);
    PassOn(index, {m_pieces.EmitInputGradient(index, prefix + "backward/", others)});
  } else if (!IsNothing(work)) {
    const uint64_t node = m_nodes.Compute(prefix + "backward/" + operation.name,
                                          operation.operation_class, work, std::move(data));
    PassOn(index, {node});
  }
  if (IsNothing(operation.weight_gradient)) return;  // a weight that stays as it is
  if (!reloads_beside) Reload(batch, exchange, prefix);
  const auto reload = m_reloads.find(exchange);
  if (reload != m_reloads.end()) AddUnique(pending.data, reload->second);
  if (is_split) {
    batch.pending.push_back(std::move(pending));
  } else if (exchange != kNoOperation) {
    m_behind_exchange[exchange].push_back(std::move(pending));
  } else {
    EmitWeights(pending, prefix);
  }
}

// The exchange's output was not kept: makes it again for the weights' gradients, once for all of
// its readers and not before the backward pass comes here.
void PartPasses::Reload(const MicroBatch& batch, size_t exchange, const std::string& prefix) {
  if (exchange == kNoOperation || m_reloads.count(exchange) > 0) return;
  const Operation& before = m_part.model.operations[exchange];
  if (!before.reload) return;
  m_reloads[exchange] =
      m_nodes.Exchanged(prefix + "reload/" + before.name, *before.reload,
                        {batch.forward[before.inputs.front()]}, {m_nodes.LastCompute()});
}

void PartPasses::EmitExchange(size_t index, NodeIds& sources, const std::string& prefix) {
  const Operation& operation = m_part.model.operations[index];
  if (m_pieces.CutsBackward(index)) {
    sources = m_pieces.EmitGather(index, prefix + "backward/", sources);
  } else if (operation.backward_exchange) {
    sources = {m_nodes.Exchanged(prefix + "backward/" + operation.name,
                                 *operation.backward_exchange, sources)};
  }
  const auto waiting = m_behind_exchange.find(index);
  if (waiting != m_behind_exchange.end()) {
    for (const Pending& pending : waiting->second) EmitWeights(pending, prefix);
    m_behind_exchange.erase(waiting);
  }
  m_reloads.erase(index);
}

void PartPasses::EmitWeights(const Pending& pending, const std::string& prefix) {
  const Operation& operation = m_part.model.operations[pending.operation];
  const uint64_t node =
      m_nodes.Compute(prefix + "backward_weights/" + operation.name, operation.operation_class,
                      operation.weight_gradient, pending.data);
  m_outside.OnGradient(pending.operation, node, prefix);
}

void PartPasses::BackwardWeights(uint32_t micro_batch, const std::string& prefix) {
  const auto batch = m_batches.find(micro_batch);
  if (batch == m_batches.end()) return;  // a part without parameters
  for (const Pending& pending : batch->second.pending) EmitWeights(pending, prefix);
  m_batches.erase(batch);
}

}  // namespace ddlsim
