// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/frame.h"

#include <new>

namespace ddlsim {

FramePool::~FramePool() {
  for (Frame* chunk : m_chunks) ::operator delete (chunk, std::align_val_t{alignof(Frame)});
}

void FramePool::Grow() {
  constexpr uint32_t count = 1u << kChunkBits;
  m_chunks.push_back(nullptr);
  m_chunks.back() =
      static_cast<Frame*>(::operator new (count * sizeof(Frame), std::align_val_t{alignof(Frame)}));
  const uint32_t base = static_cast<uint32_t>(m_chunks.size() - 1) << kChunkBits;
  for (uint32_t i = 0; i < count; ++i) {
    m_chunks.back()[i].next = i + 1 < count ? base + i + 1 : m_free;
  }
  m_free = base;
}

}  // namespace ddlsim
