// SPDX-License-Identifier: MIT
#include "workload-gen/memory/live-gradients.h"

#include <utility>

namespace ddlsim {

size_t LiveGradients::New(uint64_t size_bytes, MemoryKind kind) {
  m_gradients.push_back({size_bytes, kind, 1});
  m_recorder.Add(kind, size_bytes);
  return m_gradients.size() - 1;
}

void LiveGradients::Receive(size_t operation, uint64_t size_bytes) {
  m_of[operation] = New(size_bytes, MemoryKind::kBuffers);
}

void LiveGradients::Give(size_t operation, uint64_t size_bytes) {
  size_t& own = m_of[operation];
  if (own == kNone) {
    own = New(size_bytes, MemoryKind::kWorking);
  } else if (m_gradients[own].holders > 1) {
    // Others still need it as it is.
    const size_t shared = own;
    own = New(size_bytes, MemoryKind::kWorking);
    Release(shared);
  } else {
    m_recorder.Add(MemoryKind::kWorking, size_bytes);
    m_sums_bytes += size_bytes;
  }
}

void LiveGradients::EndSums() {
  m_recorder.Free(MemoryKind::kWorking, std::exchange(m_sums_bytes, 0));
}

void LiveGradients::GiveSame(size_t operation, size_t gradient, uint64_t size_bytes) {
  if (gradient == kNone) return;
  if (m_of[operation] == kNone) {
    m_of[operation] = gradient;
    ++m_gradients[gradient].holders;
  } else {
    Give(operation, size_bytes);
    EndSums();
  }
}

size_t LiveGradients::Take(size_t operation) {
  return std::exchange(m_of[operation], kNone);
}

void LiveGradients::Release(size_t gradient) {
  if (gradient == kNone) return;
  Gradient& held = m_gradients[gradient];
  if (--held.holders == 0) m_recorder.Free(held.kind, held.size_bytes);
}

void LiveGradients::Keep(size_t gradient) {
  if (gradient == kNone) return;
  Gradient& held = m_gradients[gradient];
  if (held.kind == MemoryKind::kActivations) return;
  m_recorder.Free(held.kind, held.size_bytes);
  held.kind = MemoryKind::kActivations;
  m_recorder.Add(held.kind, held.size_bytes);
}

}  // namespace ddlsim
