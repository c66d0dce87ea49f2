// SPDX-License-Identifier: MIT
//
// How memory changes while one pass of one micro-batch runs, kernel by kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "workload-gen/memory/memory-use.h"

namespace ddlsim {

// Changes against the moment before the pass. Every micro-batch's pass through a part is the same.
struct PassMemory {
  std::vector<MemoryUse> kernels;  // the most that is held from each kernel's begin to the next's
  size_t peak_kernel = 0;          // index into `kernels`, which is never empty
  MemoryUse end;

  const MemoryUse& Peak() const { return kernels[peak_kernel]; }
};

class PassRecorder {
 public:
  void Add(MemoryKind kind, uint64_t bytes);
  // Of memory that was added here, or in an earlier pass.
  void Free(MemoryKind kind, uint64_t bytes);
  // A kernel begins.
  void Kernel();
  // The pass, and begins the next one.
  PassMemory Finish();

 private:
  void Note();

  PassMemory m_pass;
  bool m_has_kernel = false;
  MemoryUse m_now;
};

}  // namespace ddlsim
