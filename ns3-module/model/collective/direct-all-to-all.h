// SPDX-License-Identifier: GPL-2.0-only
//
// All-to-all in one step: every rank sends to all others at once. Rank r begins with rank r+1, then
// r+2 and so on, so that in-order senders take turns at each receiver instead of all starting with
// the same one.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class DirectAllToAll : public BoundedSchedule {
 public:
  DirectAllToAll(uint32_t rank_count, uint64_t size_bytes);
  uint32_t StepCount() const override { return 1; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  // Rank 0's port receives n-1 blocks of the largest size, the last of them one latency late.
  CriticalPath Path() const override;

 private:
  uint32_t m_rank_count;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
