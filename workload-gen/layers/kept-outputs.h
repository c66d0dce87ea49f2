// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

// By operation: whether its output stays in memory until the backward pass, because itself or a
// reader needs it there. The output of an exchange does not where it is the exchange's input
// unchanged, or comes again in the backward pass (a reload, a ring); then the input stays instead.
std::vector<bool> KeptOutputs(const std::vector<Operation>& operations);

}  // namespace ddlsim
