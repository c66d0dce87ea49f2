// SPDX-License-Identifier: GPL-2.0-only
//
// All-gather and reduce-scatter in ceil(log2 n) steps for any n: every block spreads down a
// binomial tree of its own, all trees are the same but for their root, and what a rank sends in one
// step for all trees travels as one message. The distance halves from step to step, so that the one
// early block goes far and the many late ones stay near: NCCL's PAT (S. Jeaugey, "PAT: a new
// algorithm for all-gather and reduce-scatter operations at scale", 2025, section 3), there with
// aggregation limited by the size of its buffers, here unlimited. Reduce-scatter is the same
// backwards.
#pragma once

#include "collective/block-packing.h"
#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class PatSchedule : public BoundedSchedule {
 public:
  PatSchedule(uint32_t rank_count, uint64_t size_bytes, bool reduces);
  uint32_t StepCount() const override;
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  uint64_t ScratchBytes() const override { return 2 * m_size_bytes; }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  uint32_t Distance(uint32_t step) const;
  // The blocks that cross from `sender` to the rank `distance` further on in the all-gather.
  SegmentList Blocks(uint32_t sender, uint32_t distance) const;

  uint32_t m_rank_count;
  bool m_reduces;
  uint32_t m_level_count;
  uint64_t m_size_bytes;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
