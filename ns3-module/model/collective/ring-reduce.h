// SPDX-License-Identifier: GPL-2.0-only
//
// Reduce along a ring, the ring broadcast backwards: the rank behind the root begins, and every
// rank adds its own to each of n blocks as it passes; the root is the last. For large sizes the
// time tends to twice that of the bytes, whatever the number of ranks.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class RingReduce : public BoundedSchedule {
 public:
  RingReduce(uint32_t rank_count, uint64_t size_bytes, uint32_t root);
  uint32_t StepCount() const override { return m_rank_count - 1 + m_block_count - 1; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  // Block 0, the largest, goes all the way; then the last link has to pass the other blocks.
  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  uint32_t m_rank_count;
  uint32_t m_root;
  uint32_t m_block_count;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
