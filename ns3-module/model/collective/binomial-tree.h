// SPDX-License-Identifier: GPL-2.0-only
//
// Broadcast down a binomial tree (Thakur, Rabenseifner and Gropp 2005, section 4.4), in ceil(log2
// n) steps. Each step halves the distance, counted from the root, over which holders send to those
// without: the early, few messages go far and the late, many ones stay near. A reduce is the same
// backwards (section 4.6); a barrier is a reduce of nothing and then a broadcast of nothing.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

enum class TreePhases : uint8_t { kBroadcast, kReduce, kReduceThenBroadcast };

class BinomialTree : public BoundedSchedule {
 public:
  BinomialTree(uint32_t rank_count, uint64_t size_bytes, uint32_t root, TreePhases phases);
  uint32_t StepCount() const override;
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  uint32_t LaneCount() const override {
    return m_phases == TreePhases::kReduceThenBroadcast ? 2 : 1;
  }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  uint32_t m_rank_count;
  uint32_t m_root;
  TreePhases m_phases;
  uint32_t m_level_count;
  uint64_t m_size_bytes;
};

}  // namespace ddlsim
