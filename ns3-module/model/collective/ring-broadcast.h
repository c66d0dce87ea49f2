// SPDX-License-Identifier: GPL-2.0-only
//
// Broadcast along a ring: the root sends the buffer in n blocks to the next rank, and every rank
// but the last passes on each block while the next one arrives. For large sizes the time tends to
// twice that of the bytes, whatever the number of ranks; the tree's grows with its logarithm.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class RingBroadcast : public BoundedSchedule {
 public:
  RingBroadcast(uint32_t rank_count, uint64_t size_bytes, uint32_t root);
  uint32_t StepCount() const override;
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  // Block 0, the largest, goes all the way round; then the last link has to pass the other blocks.
  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  uint32_t m_rank_count;
  uint32_t m_root;
  uint32_t m_block_count;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
