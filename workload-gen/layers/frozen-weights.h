// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

// Takes from the backward pass what only gradients of weights that stay as they are would need, and
// all of it where no weight in front is trained: kernels, exchanges, and what is kept for them. As
// PyTorch's autograd does for tensors without requires_grad. Returns whether the gradient of each
// operation's output is computed.
std::vector<bool> SkipUnneededGradients(LayerModel& model);

}  // namespace ddlsim
