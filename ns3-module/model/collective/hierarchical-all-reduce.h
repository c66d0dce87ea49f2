// SPDX-License-Identifier: GPL-2.0-only
//
// All-reduce in nodes of several members (two-dimensional, "rail-aligned"; Ueno and Yokota 2019,
// section III; BlueConnect, Cho, Finkler, Serrano, Kung and Hunter 2019): a ring reduce-scatter
// inside each node leaves member l of every node with block l of it; an all-reduce across nodes
// among the members with the same l makes these complete; a ring all-gather inside the node spreads
// them. What crosses between nodes stays on one rail, and every rail carries its share.
#pragma once

#include <memory>

#include "collective/block-split.h"
#include "collective/critical-path.h"
#include "collective/ring-schedule.h"

namespace ddlsim {

class HierarchicalAllReduce : public BoundedSchedule {
 public:
  // `across`: kRing or kHalvingDoubling, between the nodes. `local_size` divides the rank count.
  HierarchicalAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes,
                        Algorithm across);
  uint32_t StepCount() const override;
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  uint32_t m_local_size;
  uint64_t m_size_bytes;
  BlockSplit m_blocks;  // one per member of a node
  RingSchedule m_scatter;
  RingSchedule m_gather;
  // For blocks of the largest and of the smallest size, which are a byte apart or the same.
  std::unique_ptr<BoundedSchedule> m_across_largest;
  std::unique_ptr<BoundedSchedule> m_across_smallest;
};

}  // namespace ddlsim
