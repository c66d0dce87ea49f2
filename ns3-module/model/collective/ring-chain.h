// SPDX-License-Identifier: GPL-2.0-only
//
// Broadcast and reduce along a ring: n blocks pass all ranks, each on to the next while another
// arrives. The broadcast begins at the root; the reduce begins behind the root and ends there, and
// every rank adds its own. For large sizes the time tends to twice that of the bytes, whatever the
// number of ranks; the tree's grows with its logarithm.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class RingChain : public BoundedSchedule {
 public:
  RingChain(uint32_t rank_count, uint64_t size_bytes, uint32_t root, bool reduces);
  uint32_t StepCount() const override { return m_rank_count - 1 + m_block_count - 1; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  // Block 0, the largest, goes all the way; then the last link has to pass the other blocks.
  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  uint32_t m_rank_count;
  uint32_t m_first;  // rank at which the blocks begin
  bool m_reduces;
  uint32_t m_block_count;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
