// SPDX-License-Identifier: MIT
#include "workload-gen/memory/workload-memory.h"

namespace ddlsim {
namespace {

// Communicators that a rank of the stage is in, as GroupAxes makes them.
uint64_t CommunicatorCount(const Workload& workload, uint32_t stage) {
  const Parallelism& plan = workload.options.parallelism;
  const uint32_t last = plan.pipeline - 1;
  uint64_t count = 0;
  for (uint32_t ranks : {plan.tensor, plan.context, plan.GradientRanks(), plan.pipeline}) {
    if (ranks > 1) ++count;
  }
  if (plan.expert > 1) count += plan.ExpertGradientRanks() > 1 ? 2 : 1;
  if (plan.pipeline > 1 && (stage == 0 || stage == last)) {
    for (const StagePart& part : workload.plan.PartsOf(stage)) {
      for (const ParameterTensor& tensor : part.model.parameters) {
        if (tensor.is_tied) return count + 1;
      }
    }
  }
  return count;
}

}  // namespace

MemoryModel MemoryOf(const Workload& workload) {
  const FrameworkMemory& framework = workload.options.framework_memory;
  std::vector<uint64_t> framework_bytes;
  for (uint32_t stage = 0; stage < workload.StageCount(); ++stage) {
    framework_bytes.push_back(framework.context_bytes +
                              CommunicatorCount(workload, stage) * framework.communicator_bytes);
  }
  return MemoryModel(workload.plan, std::move(framework_bytes));
}

MemoryVerdict JudgeMemory(const Workload& workload) {
  const MemoryModel model = MemoryOf(workload);
  MemoryVerdict verdict;
  verdict.capacity_bytes = workload.plan.gpu.memory_size_bytes;
  for (uint32_t stage = 0; stage < model.StageCount(); ++stage) {
    verdict.stages.push_back(model.Measure(stage));
    if (verdict.stages.back().peak.Total() > verdict.stages[verdict.fullest].peak.Total()) {
      verdict.fullest = stage;
    }
  }
  return verdict;
}

}  // namespace ddlsim
