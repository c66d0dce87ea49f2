// SPDX-License-Identifier: MIT
#include "workload-gen/plan/member-classes.h"

#include <map>
#include <numeric>
#include <utility>

namespace ddlsim {

std::vector<std::vector<uint32_t>> MemberClasses(const Workload& workload, uint32_t stage) {
  if (workload.batch.sharding.tables != nullptr) {
    return workload.batch.sharding.tables->MemberClasses();
  }
  const uint32_t members = workload.options.parallelism.expert;
  std::vector<std::vector<uint32_t>> classes(1, std::vector<uint32_t>(members));
  std::iota(classes.front().begin(), classes.front().end(), 0);
  if (workload.batch.sharding.expert_loads == nullptr) return classes;
  std::vector<std::vector<uint64_t>> tokens(members);  // by member, then by exchange
  for (const StagePart& part : workload.plan.PartsOf(stage)) {
    for (const Operation& operation : part.model.operations) {
      if (!operation.forward_exchange || operation.forward_exchange->shares.IsEmpty()) continue;
      const std::vector<uint64_t>& weights = operation.forward_exchange->shares.weights;
      for (uint32_t member = 0; member < members; ++member) {
        tokens[member].push_back(weights[member]);
      }
    }
  }
  std::map<std::vector<uint64_t>, size_t> class_of;
  classes.clear();
  for (uint32_t member = 0; member < members; ++member) {
    const auto [found, is_new] = class_of.try_emplace(tokens[member], classes.size());
    if (is_new) classes.emplace_back();
    classes[found->second].push_back(member);
  }
  return classes;
}

TrainingPlan PlanOfMember(const Workload& workload, uint32_t member) {
  TrainingPlan plan = workload.plan;
  if (member == 0) return plan;
  BatchShape batch = workload.batch;
  batch.sharding.member = member;
  plan.model = BuildLayers(workload.architecture, batch, plan.formats);
  return plan;
}

}  // namespace ddlsim
