// SPDX-License-Identifier: GPL-2.0-only
//
// Broadcast down a binomial tree (Thakur, Rabenseifner and Gropp 2005, section 4.4), in ceil(log2
// n) steps. Each step halves the distance, counted from the root, over which holders send to those
// without: the early, few messages go far and the late, many ones stay near.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class BinomialTree : public BoundedSchedule {
 public:
  BinomialTree(uint32_t rank_count, uint64_t size_bytes, uint32_t root);
  uint32_t StepCount() const override { return m_level_count; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  // The root's port passes one message per level, and on from there the latencies add up.
  CriticalPath Path() const override;

 private:
  uint32_t m_rank_count;
  uint32_t m_root;
  uint32_t m_level_count;
  uint64_t m_size_bytes;
};

}  // namespace ddlsim
