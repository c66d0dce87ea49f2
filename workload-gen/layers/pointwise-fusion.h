// SPDX-License-Identifier: MIT
//
// Kernels that a compiler, or a library's hand, makes one: an elementwise operation or a norm reads
// what the elementwise operation or norm before it has just computed without a way through memory.
#pragma once

#include <cstddef>
#include <vector>

#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

// Takes the bytes and launches that fusion saves out of the operations' work. `readers` of each
// output; `is_kept`: outputs that the backward pass needs, which are written nonetheless. Every
// output is fused into its first reader only, and reductions over a whole tensor keep their passes.
void FusePointwise(const std::vector<std::vector<size_t>>& readers,
                   const std::vector<bool>& is_kept, std::vector<Operation>& operations);

// The same for norms behind convolutions, as cuDNN's fused kernels and MLPerf's ResNet have them:
// the statistics come with the convolution, and backward the sums of gradients with the convolution
// that makes them.
void FuseConvolutionNorms(const std::vector<std::vector<size_t>>& readers,
                          std::vector<Operation>& operations);

}  // namespace ddlsim
