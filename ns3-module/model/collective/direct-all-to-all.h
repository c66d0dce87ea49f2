// SPDX-License-Identifier: GPL-2.0-only
//
// All-to-all in one step: every rank sends to all others at once. Rank r begins with rank r+1, then
// r+2 and so on, so that in-order senders take turns at each receiver instead of all starting with
// the same one.
#pragma once

#include "collective/critical-path.h"
#include "collective/pair-layout.h"

namespace ddlsim {

class DirectAllToAll : public BoundedSchedule {
 public:
  explicit DirectAllToAll(const CollectiveSpec& spec) : m_layout(spec) {}
  uint32_t StepCount() const override { return 1; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  // The busiest port: with equal shares rank 0's, which receives n-1 blocks of the largest size.
  CriticalPath Path() const override;
  CriticalPath PortPath() const override { return Path(); }

 private:
  PairLayout m_layout;
};

}  // namespace ddlsim
