// SPDX-License-Identifier: MIT
//
// Gradients of activations in a backward pass. Several operations may hold the same one, where it
// passes through unchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workload-gen/memory/pass-memory.h"

namespace ddlsim {

class LiveGradients {
 public:
  static constexpr size_t kNone = SIZE_MAX;

  explicit LiveGradients(PassRecorder& recorder) : m_recorder(recorder) {}

  void Begin(size_t operations) { m_of.assign(operations, kNone); }
  // The gradient of an operation's output, received from elsewhere.
  void Receive(size_t operation, uint64_t size_bytes);
  // A new contribution to the gradient of an operation's output. A sum takes the contribution's
  // size while it is made: until EndSums().
  void Give(size_t operation, uint64_t size_bytes);
  void EndSums();
  // The same, where the contribution is another gradient, unchanged.
  void GiveSame(size_t operation, size_t gradient, uint64_t size_bytes);
  // Takes the gradient of an operation's output, kNone if there is none; Release() when done.
  size_t Take(size_t operation);
  void Release(size_t gradient);
  // Stays longer than the pass that made it.
  void Keep(size_t gradient);

 private:
  struct Gradient {
    uint64_t size_bytes = 0;
    MemoryKind kind = MemoryKind::kWorking;
    uint32_t holders = 0;
  };
  size_t New(uint64_t size_bytes, MemoryKind kind);

  PassRecorder& m_recorder;
  std::vector<Gradient> m_gradients;
  std::vector<size_t> m_of;  // by operation
  uint64_t m_sums_bytes = 0;
};

}  // namespace ddlsim
