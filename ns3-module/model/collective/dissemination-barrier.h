// SPDX-License-Identifier: GPL-2.0-only
//
// The dissemination barrier (Hensgen, Finkel and Manber, 1988): in step s every rank tells the rank
// 2^s further on that it, and all those it has heard of, have arrived. ceil(log2 n) steps of empty
// messages; n need not be a power of two, some ranks are then heard of twice.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class DisseminationBarrier : public BoundedSchedule {
 public:
  explicit DisseminationBarrier(uint32_t rank_count) : m_rank_count(rank_count) {}
  uint32_t StepCount() const override { return CeilLog2(m_rank_count); }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  CriticalPath Path() const override { return {CeilLog2(m_rank_count), 0}; }
  CriticalPath PortPath() const override { return {1, 0}; }

 private:
  uint32_t m_rank_count;
};

}  // namespace ddlsim
