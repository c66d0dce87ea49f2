// SPDX-License-Identifier: MIT
//
// Ranks that do the same in a stage although they have unequal parts of the model: the members of
// an expert group whose experts get different numbers of tokens, and the ranks over which embedding
// tables are spread.
#pragma once

#include <cstdint>
#include <vector>

#include "workload-gen/plan/workload.h"

namespace ddlsim {

// The members (GroupMembers) in classes: those whose experts get the same numbers of tokens in all
// layers of the stage are in one, and those that have equally many tables. The first of each class
// is one that holds most, the others follow by number. One class where all do the same.
std::vector<std::vector<uint32_t>> MemberClasses(const Workload& workload, uint32_t stage);

// Workload::plan is that of member 0.
TrainingPlan PlanOfMember(const Workload& workload, uint32_t member);

}  // namespace ddlsim
