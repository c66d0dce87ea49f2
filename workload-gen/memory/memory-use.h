// SPDX-License-Identifier: MIT
//
// Bytes of GPU memory by what they hold.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ddlsim {

enum class MemoryKind : uint8_t {
  kParameters,
  kGradients,
  kOptimizer,     // its state, and its fp32 copy of parameters that are stored in a shorter format
  kWeightCopies,  // weights cast to the format of matrix products
  kActivations,   // what stays from the forward to the backward pass
  kGathered,      // parameters of other ranks' shares (ZeRO 3)
  kBuffers,       // gradient buckets, and what a pipeline stage receives in its backward pass
  kWorking,       // outputs and gradients under way, and what kernels need beside them
  kFramework,     // CUDA context, communicators
};
constexpr size_t kMemoryKindCount = 9;

// "parameters", "weight_copies": in tables and column names.
const char* MemoryKindName(MemoryKind kind);

// An amount, or a change of one.
struct MemoryUse {
  std::array<int64_t, kMemoryKindCount> bytes{};

  int64_t& operator[](MemoryKind kind) { return bytes[static_cast<size_t>(kind)]; }
  int64_t operator[](MemoryKind kind) const { return bytes[static_cast<size_t>(kind)]; }
  int64_t Total() const;
  bool operator==(const MemoryUse& other) const { return bytes == other.bytes; }
};

MemoryUse operator+(const MemoryUse& a, const MemoryUse& b);

}  // namespace ddlsim
