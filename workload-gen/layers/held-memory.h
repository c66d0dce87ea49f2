// SPDX-License-Identifier: MIT
//
// What an operation holds in memory besides its output while and after it runs.
#pragma once

#include <cstdint>

namespace ddlsim {

// What the backward pass needs and therefore stays in memory from the forward pass until then, as
// PyTorch's saved tensors. Tensors that several operations need are kept once: LayerBuilder sums.
struct Kept {
  bool inputs = false;     // the outputs of the operations that it reads
  bool output = false;     // its own output
  uint64_t own_bytes = 0;  // anything else: statistics, indices, the batch itself
};

struct HeldMemory {
  Kept kept;
  // Of the weights in the format of matrix products, where they are stored in another one; autocast
  // keeps that copy for the backward pass.
  uint64_t weight_copy_bytes = 0;
  // While its kernels run, beside what they read and hand on.
  uint64_t forward_scratch_bytes = 0;
  uint64_t backward_scratch_bytes = 0;
};

}  // namespace ddlsim
