// SPDX-License-Identifier: MIT
#include "workload-gen/memory/memory-use.h"

#include <numeric>

namespace ddlsim {

const char* MemoryKindName(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::kParameters:
      return "parameters";
    case MemoryKind::kGradients:
      return "gradients";
    case MemoryKind::kOptimizer:
      return "optimizer";
    case MemoryKind::kWeightCopies:
      return "weight_copies";
    case MemoryKind::kActivations:
      return "activations";
    case MemoryKind::kGathered:
      return "gathered";
    case MemoryKind::kBuffers:
      return "buffers";
    case MemoryKind::kWorking:
      return "working";
    case MemoryKind::kFramework:
      return "framework";
  }
  return "";
}

int64_t MemoryUse::Total() const {
  return std::accumulate(bytes.begin(), bytes.end(), int64_t{0});
}

MemoryUse operator+(const MemoryUse& a, const MemoryUse& b) {
  MemoryUse sum = a;
  for (size_t kind = 0; kind < kMemoryKindCount; ++kind) sum.bytes[kind] += b.bytes[kind];
  return sum;
}

}  // namespace ddlsim
