// SPDX-License-Identifier: GPL-2.0-only
//
// The ring (Patarasuk and Yuan, 2009): every rank receives from the rank before it and sends to the
// rank after it, one block per step. Reduce-scatter in n-1 steps, all-gather in n-1 steps,
// all-reduce as the one and then the other.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

enum class RingPhases : uint8_t { kReduce, kGather, kReduceThenGather };

class RingSchedule : public BoundedSchedule {
 public:
  RingSchedule(uint32_t rank_count, uint64_t size_bytes, RingPhases phases);
  uint32_t StepCount() const override;
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  // Block 0, the largest, travels through all steps, each hop depending on the one before.
  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  uint32_t m_rank_count;
  RingPhases m_phases;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
