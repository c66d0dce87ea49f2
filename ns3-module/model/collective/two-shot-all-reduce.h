// SPDX-License-Identifier: GPL-2.0-only
//
// All-reduce in two shots: a reduce_scatter and then an all_gather, in both of which a member talks
// to all others of its node at once, over as many links as join them (the two-shot all-reduce of
// inference engines, in contrast to the one shot of DirectExchange). With several nodes the blocks
// travel rings across at the same time, see HierarchicalShards.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"
#include "collective/hierarchical-shards.h"

namespace ddlsim {

class TwoShotAllReduce : public BoundedSchedule {
 public:
  TwoShotAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes);
  uint32_t StepCount() const override { return m_scatter.StepCount() + m_gather.StepCount(); }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  uint32_t m_rank_count;
  uint32_t m_local_size;
  uint64_t m_size_bytes;
  BlockSplit m_blocks;
  HierarchicalShards m_scatter;
  HierarchicalShards m_gather;
};

}  // namespace ddlsim
