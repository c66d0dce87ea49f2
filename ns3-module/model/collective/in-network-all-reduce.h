// SPDX-License-Identifier: GPL-2.0-only
//
// All-reduce inside the network's switches (SHARP: Graham et al., "Scalable Hierarchical
// Aggregation Protocol", COMHPC 2016, section III): every rank sends its buffer to the engine of
// its leaf switch, the leaves send their sums to the root's, and the result comes down the same
// way. Each rank's port moves S bytes each way, whatever the number of ranks: half of what any
// algorithm between ranks needs. One leaf engine per group of `local_size` ranks; with one leaf
// alone there is no root.
#pragma once

#include "collective/critical-path.h"

namespace ddlsim {

class InNetworkAllReduce : public BoundedSchedule {
 public:
  // `local_size` divides the number of ranks and is at least 2.
  InNetworkAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes);
  uint32_t StepCount() const override { return m_leaf_count > 1 ? 4 : 2; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  uint32_t LaneCount() const override { return 2; }  // up and down
  uint32_t EngineCount() const override { return m_leaf_count > 1 ? m_leaf_count + 1 : 1; }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override { return {1, m_size_bytes}; }

 private:
  uint32_t m_rank_count;
  uint32_t m_local_size;
  uint32_t m_leaf_count;
  uint64_t m_size_bytes;
};

}  // namespace ddlsim
