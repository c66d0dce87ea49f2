// SPDX-License-Identifier: MIT
#include "workload-gen/memory/workload-memory.h"

#include <map>
#include <optional>
#include <utility>

#include "workload-gen/plan/member-classes.h"

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

MemoryModel MemoryOf(const Workload& workload, uint32_t member) {
  const FrameworkMemory& framework = workload.options.framework_memory;
  std::vector<uint64_t> framework_bytes;
  for (uint32_t stage = 0; stage < workload.StageCount(); ++stage) {
    framework_bytes.push_back(framework.context_bytes +
                              CommunicatorCount(workload, stage) * framework.communicator_bytes);
  }
  if (member == 0) return MemoryModel(workload.plan, std::move(framework_bytes));
  return MemoryModel(PlanOfMember(workload, member), std::move(framework_bytes));
}

MemoryVerdict JudgeMemory(const Workload& workload) {
  std::map<uint32_t, MemoryModel> models;  // by member
  MemoryVerdict verdict;
  verdict.capacity_bytes = workload.plan.gpu.memory_size_bytes;
  for (uint32_t stage = 0; stage < workload.StageCount(); ++stage) {
    std::optional<StageMemory> most;
    uint32_t most_member = 0;
    for (const std::vector<uint32_t>& alike : MemberClasses(workload, stage)) {
      const uint32_t member = alike.front();
      auto found = models.find(member);
      if (found == models.end()) {
        found = models.emplace(member, MemoryOf(workload, member)).first;
      }
      const StageMemory memory = found->second.Measure(stage);
      if (most && memory.peak.Total() <= most->peak.Total()) continue;
      most = memory;
      most_member = member;
    }
    verdict.stages.push_back(*most);
    verdict.members.push_back(most_member);
    if (verdict.stages.back().peak.Total() > verdict.stages[verdict.fullest].peak.Total()) {
      verdict.fullest = stage;
    }
  }
  return verdict;
}

}  // namespace ddlsim
