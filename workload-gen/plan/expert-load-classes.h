// SPDX-License-Identifier: MIT
//
// Ranks that do the same in a stage although experts get different numbers of tokens.
#pragma once

#include <cstdint>
#include <vector>

#include "workload-gen/plan/workload.h"

namespace ddlsim {

// The members of an expert group in classes: those whose experts get the same numbers of tokens in
// all layers of the stage are in one. Classes by their first member, members ascending. One class
// where loads are equal.
std::vector<std::vector<uint32_t>> ExpertLoadClasses(const Workload& workload, uint32_t stage);

// Workload::plan is that of member 0.
TrainingPlan PlanOfExpertMember(const Workload& workload, uint32_t member);

}  // namespace ddlsim
