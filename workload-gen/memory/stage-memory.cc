// SPDX-License-Identifier: MIT
#include "workload-gen/memory/stage-memory.h"

#include <algorithm>
#include <utility>

#include "workload-gen/memory/part-memory.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

using Kind = PassStep::Kind;

// Per value, besides parameters and gradients: what the optimizer keeps, unless parameter servers
// have it, and what sending the largest gradients alone has left for later.
uint64_t KeptBesides(const TrainingPlan& plan) {
  uint64_t bytes = 0;
  if (plan.data_parallel.servers == 0) {
    bytes += OptimizerStateBytes(plan.optimizer) + plan.formats.MainCopyBytes();
  }
  if (plan.data_parallel.compression == Compression::kTopK) bytes += sizeof(float);
  return bytes;
}

// Its rows are updated as their gradients come: none are kept, and none left for later.
void AddShardedTable(const ParameterTensor& tensor, const TrainingPlan& plan, MemoryUse& use) {
  const auto add = [&](MemoryKind kind, uint64_t value_bytes) {
    use[kind] += static_cast<int64_t>(Product({tensor.elements, value_bytes}));
  };
  add(MemoryKind::kParameters, plan.formats.ParameterBytes());
  add(MemoryKind::kOptimizer, OptimizerStateBytes(plan.optimizer) + plan.formats.MainCopyBytes());
}

// Parameters, gradients and optimizer state of one rank.
MemoryUse StateOf(const StagePart& part, const TrainingPlan& plan) {
  const DataParallelPlan& data = plan.data_parallel;
  MemoryUse use;
  const auto add = [&](const ParameterTensor& tensor, MemoryKind kind, ZeroStage divided_from,
                       uint64_t value_bytes) {
    const bool is_expert = data.divides_experts && tensor.routed_expert;
    const uint64_t ranks = is_expert ? data.expert_ranks : data.ShardRanks();
    const uint64_t count =
        data.zero >= divided_from ? (tensor.elements + ranks - 1) / ranks : tensor.elements;
    use[kind] += static_cast<int64_t>(Product({count, value_bytes}));
  };
  const uint64_t stored_bytes = plan.formats.ParameterBytes();
  for (const ParameterTensor& tensor : part.model.parameters) {
    if (tensor.is_sharded_table) {
      AddShardedTable(tensor, plan, use);
      continue;
    }
    add(tensor, MemoryKind::kParameters, ZeroStage::kParameters, stored_bytes);
    add(tensor, MemoryKind::kGradients, ZeroStage::kGradients, plan.formats.GradientBytes());
    add(tensor, MemoryKind::kOptimizer, ZeroStage::kOptimizer, KeptBesides(plan));
  }
  for (const ParameterTensor& tensor : part.model.frozen) {
    add(tensor, MemoryKind::kParameters, ZeroStage::kParameters, stored_bytes);
  }
  return use;
}

bool IsSplit(const PipelineShape& shape) {
  for (const PassStep& step : StageOrder(shape, 0)) {
    if (step.kind == Kind::kBackwardWeights) return true;
  }
  return false;
}

}  // namespace

MemoryModel::MemoryModel(const TrainingPlan& plan, std::vector<uint64_t> framework_bytes)
    : m_pipeline(plan.pipeline), m_framework_bytes(std::move(framework_bytes)) {
  for (const StagePart& part : CutStages(plan.model, plan.pipeline.stages * plan.pipeline.chunks)) {
    m_parts.push_back(PassesOf(part, plan));
  }
}

MemoryModel::PartPasses MemoryModel::PassesOf(const StagePart& part, const TrainingPlan& plan) {
  PartPasses passes;
  passes.resident = StateOf(part, plan);
  PartWalk walk(part, plan.data_parallel,
                {plan.recompute, IsSplit(plan.pipeline), plan.overlap, plan.tensor_ranks});
  passes.forward = walk.Forward();
  if (IsSplit(plan.pipeline)) {
    passes.backward_input = walk.Backward();
    passes.backward_weights = walk.BackwardWeights();
  } else {
    passes.backward = walk.Backward();
  }
  return passes;
}

const PassMemory& MemoryModel::PassOf(uint32_t stage, const PassStep& step) const {
  const PartPasses& part = m_parts[step.chunk * m_pipeline.stages + stage];
  switch (step.kind) {
    case Kind::kForward:
      return part.forward;
    case Kind::kBackward:
      return part.backward;
    case Kind::kBackwardInput:
      return part.backward_input;
    case Kind::kBackwardWeights:
      break;
  }
  return part.backward_weights;
}

MemoryUse MemoryModel::Resident(uint32_t stage) const {
  MemoryUse use;
  for (uint32_t chunk = 0; chunk < m_pipeline.chunks; ++chunk) {
    use = use + m_parts[chunk * m_pipeline.stages + stage].resident;
  }
  use[MemoryKind::kFramework] += static_cast<int64_t>(m_framework_bytes[stage]);
  return use;
}

StageMemory MemoryModel::Measure(uint32_t stage) const {
  StageMemory memory;
  memory.resident = memory.peak = Resident(stage);
  for (uint32_t chunk = 0; chunk < m_pipeline.chunks; ++chunk) {
    const PartPasses& part = m_parts[chunk * m_pipeline.stages + stage];
    memory.micro_batch_bytes =
        std::max(memory.micro_batch_bytes,
                 static_cast<uint64_t>(part.forward.end[MemoryKind::kActivations]));
  }
  MemoryUse now = memory.resident;
  uint32_t held = 0;
  const std::vector<PassStep> order = StageOrder(m_pipeline, stage);
  for (const PassStep& step : order) {
    const PassMemory& pass = PassOf(stage, step);
    const Kind kind = step.kind;
    if (kind == Kind::kForward) ++held;
    const MemoryUse most = now + pass.Peak();
    if (most.Total() > memory.peak.Total()) memory.peak = most;
    memory.held_most = std::max(memory.held_most, held);
    if (kind == Kind::kBackward || kind == Kind::kBackwardWeights) --held;
    now = now + pass.end;
  }
  return memory;
}

MemoryUse MemoryModel::Walk(uint32_t stage, const Visitor& visit) const {
  MemoryUse now = Resident(stage);
  const std::vector<PassStep> order = StageOrder(m_pipeline, stage);
  for (size_t step = 0; step < order.size(); ++step) {
    const PassMemory& pass = PassOf(stage, order[step]);
    for (size_t kernel = 0; kernel < pass.kernels.size(); ++kernel) {
      visit(step, kernel, now + pass.kernels[kernel]);
    }
    now = now + pass.end;
  }
  return now;
}

}  // namespace ddlsim
