// SPDX-License-Identifier: MIT
#include "workload-gen/memory/part-memory.h"

#include <algorithm>
#include <utility>

namespace ddlsim {
namespace {

// What is left of the backward pass without the weights' gradients.
bool HasInputGradient(const Operation& operation) {
  return operation.backward.operations != operation.weight_gradient.operations ||
         operation.backward.memory_bytes != operation.weight_gradient.memory_bytes;
}

}  // namespace

PartWalk::PartWalk(const StagePart& part, const DataParallelPlan& plan, const MemoryRules& rules)
    : m_part(part),
      m_plan(plan),
      m_rules(rules),
      m_lives(part, rules.recompute, rules.is_split,
              OverlapPlan(part.model, rules.overlap, rules.tensor_ranks)),
      m_shares(part, plan),
      m_gradients(m_recorder),
      m_is_held(part.model.operations.size(), false),
      m_needed_until(part.model.operations.size()),
      m_behind(part.model.operations.size()) {
  for (size_t i = 0; i < part.model.operations.size(); ++i) {
    if (m_lives.HasOwnMemory(i)) m_needed_until[m_lives.last_need[i]].push_back(i);
  }
}

// Gathered parameters come in the format of matrix products (Zhao et al. 2023): no other copy.
bool PartWalk::HasWeightCopy(const Operation& operation) const {
  if (m_plan.zero != ZeroStage::kParameters) return true;
  const auto is_gathered = [this](const ParameterTensor& tensor) {
    const bool is_expert = m_plan.divides_experts && tensor.routed_expert;
    return (is_expert ? m_plan.expert_ranks : m_plan.ranks) > 1;
  };
  for (size_t parameter : operation.parameters) {
    if (is_gathered(m_part.model.parameters[parameter])) return false;
  }
  for (size_t parameter : operation.frozen) {
    if (is_gathered(m_part.model.frozen[parameter])) return false;
  }
  return true;
}

PassMemory PartWalk::Forward() {
  m_readers_left = m_lives.readers;
  m_shares.BeginPass(false);
  int block = -2;
  for (size_t i = 0; i < m_part.model.operations.size(); ++i) {
    if (i == 0 && m_part.has_input) {
      AddOutput(0, false);
      continue;
    }
    if (At(i).block != block) {
      block = At(i).block;
      m_shares.EnterUnit(m_recorder);
    }
    RunForward(i, false);
  }
  if (m_part.output) Release(m_lives.root[*m_part.output]);
  m_shares.EndPass(m_recorder);
  return m_recorder.Finish();
}

void PartWalk::AddOutput(size_t index, bool is_again) {
  if (m_lives.root[index] != index) return;
  if (m_is_held[index]) return;  // still there from the forward pass
  const bool is_held = is_again ? m_lives.stays_in_block[index] : m_lives.stays[index];
  m_recorder.Add(is_held ? MemoryKind::kActivations : MemoryKind::kWorking, At(index).output_bytes);
  m_is_held[index] = is_held;
}

void PartWalk::RunForward(size_t index, bool is_again) {
  const Operation& operation = At(index);
  if (!operation.IsExchange()) m_recorder.Kernel();
  AddOutput(index, is_again);
  const bool keeps = is_again || !m_lives.is_recomputed[index];
  const uint64_t own = operation.held.kept.own_bytes;
  const uint64_t copy = HasWeightCopy(operation) ? operation.held.weight_copy_bytes : 0;
  m_recorder.Add(MemoryKind::kActivations, own);
  m_recorder.Add(MemoryKind::kWeightCopies, copy);
  m_recorder.Add(MemoryKind::kWorking, operation.held.forward_scratch_bytes);
  m_recorder.Free(MemoryKind::kWorking, operation.held.forward_scratch_bytes);
  if (!keeps) {
    m_recorder.Free(MemoryKind::kActivations, own);
    m_recorder.Free(MemoryKind::kWeightCopies, copy);
  }
  if (m_lives.root[index] != index) return;
  if (m_readers_left[index] == 0 && !m_is_held[index]) {
    m_recorder.Free(MemoryKind::kWorking, operation.output_bytes);
  }
  ReleaseInputs(index, is_again);
}

void PartWalk::ReleaseInputs(size_t index, bool is_again) {
  for (size_t input : m_lives.inputs[index]) {
    // A block that runs again reads what stays from outside of it.
    if (is_again && At(input).block != At(index).block) continue;
    Release(input);
  }
}

void PartWalk::Release(size_t root) {
  if (--m_readers_left[root] > 0 || m_is_held[root]) return;
  m_recorder.Free(MemoryKind::kWorking, At(root).output_bytes);
}

PassMemory PartWalk::Backward() {
  m_shares.BeginPass(true);
  m_gradients.Begin(m_part.model.operations.size());
  if (m_part.output) m_gradients.Receive(*m_part.output, m_part.OutputBytes());
  int block = -2;
  const size_t first = m_part.has_input ? 1 : 0;
  for (size_t i = m_part.model.operations.size(); i-- > first;) {
    if (At(i).block != block) {
      block = At(i).block;
      m_shares.EnterUnit(m_recorder);
      if (m_rules.recompute && block >= 0) RunBlockAgain(i);
    }
    if (At(i).IsExchange()) {
      RunBackwardExchange(i);
    } else {
      RunBackward(i);
    }
    FreeNeeded(i, false);
  }
  if (m_part.has_input) {
    m_gradients.Release(m_gradients.Take(0));  // sent
    FreeNeeded(0, false);
  }
  m_shares.EndPass(m_recorder);
  return m_recorder.Finish();
}

void PartWalk::RunBlockAgain(size_t last) {
  size_t first = last;
  while (first > 0 && At(first - 1).block == At(last).block) --first;
  for (size_t i = first; i <= last; ++i) m_readers_left[i] = m_lives.readers_in_block[i];
  for (size_t i = first; i <= last; ++i) RunForward(i, true);
}

void PartWalk::RunBackward(size_t index) {
  const Operation& operation = At(index);
  const size_t gradient = m_gradients.Take(index);
  if (!operation.has_backward) {
    for (size_t input : operation.inputs) {
      m_gradients.GiveSame(input, gradient, At(input).output_bytes);
    }
    m_gradients.Release(gradient);
    FreeOwn(operation);
    return;
  }
  const bool is_apart = m_lives.has_weights_apart[index];
  if (!is_apart || HasInputGradient(operation)) {
    m_recorder.Kernel();
    for (size_t input : operation.inputs) m_gradients.Give(input, At(input).output_bytes);
  }
  if (is_apart) {
    m_gradients.EndSums();
    FreeCopy(operation);
    PostponeWeights(index);
    const size_t exchange = m_lives.weights_behind[index];
    if (m_rules.is_split) {
      m_gradients.Keep(gradient);
      m_pending.push_back({index, gradient});
    } else if (exchange != TensorLives::kNone) {
      m_behind[exchange].push_back({index, gradient});
    } else {
      RunWeights({index, gradient});
    }
    return;
  }
  m_recorder.Add(MemoryKind::kWorking, operation.held.backward_scratch_bytes);
  m_recorder.Free(MemoryKind::kWorking, operation.held.backward_scratch_bytes);
  m_gradients.EndSums();
  m_gradients.Release(gradient);
  FreeOwn(operation);
  FreeCopy(operation);
  if (!operation.parameters.empty()) m_shares.OnGradient(index, m_recorder);
}

// What the weights' gradients need besides what stays: the exchanged input, made again.
void PartWalk::PostponeWeights(size_t index) {
  const size_t exchange = m_lives.weights_behind[index];
  if (exchange == TensorLives::kNone || !At(exchange).reload) return;
  if (std::find(m_reloads.begin(), m_reloads.end(), exchange) != m_reloads.end()) return;
  m_reloads.push_back(exchange);
  m_recorder.Add(m_rules.is_split ? MemoryKind::kActivations : MemoryKind::kWorking,
                 At(exchange).output_bytes);
}

void PartWalk::RunBackwardExchange(size_t index) {
  const Operation& operation = At(index);
  const size_t gradient = m_gradients.Take(index);
  const size_t input = operation.inputs.front();
  if (operation.backward_exchange && !IsInPlace(*operation.backward_exchange)) {
    m_gradients.Give(input, At(input).output_bytes);
    m_gradients.EndSums();
  } else {
    m_gradients.GiveSame(input, gradient, At(input).output_bytes);
  }
  for (const Pending& pending : std::exchange(m_behind[index], {})) RunWeights(pending);
  const auto reload = std::find(m_reloads.begin(), m_reloads.end(), index);
  if (reload != m_reloads.end() && !m_rules.is_split) {
    m_recorder.Free(MemoryKind::kWorking, operation.output_bytes);
    m_reloads.erase(reload);
  }
  m_gradients.Release(gradient);
}

void PartWalk::RunWeights(const Pending& pending) {
  const Operation& operation = At(pending.operation);
  m_recorder.Kernel();
  m_recorder.Add(MemoryKind::kWorking, operation.held.backward_scratch_bytes);
  m_recorder.Free(MemoryKind::kWorking, operation.held.backward_scratch_bytes);
  m_gradients.Release(pending.gradient);
  FreeOwn(operation);
  m_shares.OnGradient(pending.operation, m_recorder);
}

void PartWalk::FreeOwn(const Operation& operation) {
  m_recorder.Free(MemoryKind::kActivations, operation.held.kept.own_bytes);
}

void PartWalk::FreeCopy(const Operation& operation) {
  if (HasWeightCopy(operation)) {
    m_recorder.Free(MemoryKind::kWeightCopies, operation.held.weight_copy_bytes);
  }
}

void PartWalk::FreeNeeded(size_t index, bool by_weights) {
  for (size_t root : m_needed_until[index]) {
    if (!m_is_held[root] || m_lives.is_needed_by_weights[root] != by_weights) continue;
    m_recorder.Free(MemoryKind::kActivations, At(root).output_bytes);
    m_is_held[root] = false;
  }
}

PassMemory PartWalk::BackwardWeights() {
  for (const Pending& pending : std::exchange(m_pending, {})) {
    RunWeights(pending);
    FreeNeeded(pending.operation, true);
  }
  for (size_t exchange : std::exchange(m_reloads, {})) {
    m_recorder.Free(MemoryKind::kActivations, At(exchange).output_bytes);
  }
  m_shares.EndPass(m_recorder);
  return m_recorder.Finish();
}

}  // namespace ddlsim
