// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/frame.h"

#include <sys/mman.h>

#include <new>
#include <stdexcept>

namespace ddlsim {

FramePool::FramePool() {
  void* range = mmap(nullptr, kFramesMax * sizeof(Frame), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) throw std::bad_alloc();
  m_frames = static_cast<Frame*>(range);
  // Frames are touched in no order: with 4 KiB pages every one would miss the TLB at scale.
  madvise(range, kFramesMax * sizeof(Frame), MADV_HUGEPAGE);
}

FramePool::~FramePool() {
  munmap(m_frames, kFramesMax * sizeof(Frame));
}

void FramePool::Grow() {
  if (m_size == kFramesMax) throw std::length_error("more than 67 million frames in flight");
  for (uint32_t i = m_size + kGrowthFrames; i-- > m_size;) {
    m_frames[i].next = m_free;
    m_free = i;
  }
  m_size += kGrowthFrames;
}

}  // namespace ddlsim
