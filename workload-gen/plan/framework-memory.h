// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace ddlsim {

// Memory of a GPU that no tensor takes. docs/memory.md has the sources of the defaults.
struct FrameworkMemory {
  uint64_t context_bytes = uint64_t{942} << 20;       // CUDA context and kernels
  uint64_t communicator_bytes = uint64_t{688} << 20;  // each communicator that the rank is in
};

}  // namespace ddlsim
