// SPDX-License-Identifier: GPL-2.0-only
//
// All-gather in ceil(log2 n) steps for any n (Bruck, Ho, Kipnis, Upfal and Weathersby 1997, section
// 4): in step s every rank sends the blocks that it holds, its own and those behind it, to the rank
// 2^s before it, the last step only as many as are missing there.
#pragma once

#include "collective/block-packing.h"
#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class BruckAllGather : public BoundedSchedule {
 public:
  BruckAllGather(uint32_t rank_count, uint64_t size_bytes);
  // One more to unpack the last message, where it goes round the end of the buffer.
  uint32_t StepCount() const override { return m_level_count + 1; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  uint64_t ScratchBytes() const override { return 2 * m_size_bytes; }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  // Those that `sender` sends in `step`.
  SegmentList Blocks(uint32_t sender, uint32_t step) const;

  uint32_t m_rank_count;
  uint32_t m_level_count;
  uint64_t m_size_bytes;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
