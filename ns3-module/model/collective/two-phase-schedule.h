// SPDX-License-Identifier: GPL-2.0-only
//
// One schedule and then another on the same buffer, for instance a broadcast of large messages as
// scatter and all-gather (van de Geijn; Thakur, Rabenseifner and Gropp 2005, section 4.4), a reduce
// as reduce-scatter and gather (Rabenseifner 2004).
#pragma once

#include <memory>

#include "collective/critical-path.h"

namespace ddlsim {

class TwoPhaseSchedule : public BoundedSchedule {
 public:
  // `joint`: a chain through both, as far as it is known; neither needs scratch memory.
  TwoPhaseSchedule(std::unique_ptr<BoundedSchedule> first, std::unique_ptr<BoundedSchedule> second,
                   const CriticalPath& joint)
      : m_first(std::move(first)), m_second(std::move(second)), m_joint(joint) {}

  uint32_t StepCount() const override { return m_first->StepCount() + m_second->StepCount(); }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override {
    const uint32_t first_count = m_first->StepCount();
    if (step < first_count) return m_first->Step(rank, step, actions);
    m_second->Step(rank, step - first_count, actions);
  }

  CriticalPath Path() const override { return m_joint; }
  CriticalPath PortPath() const override {
    const CriticalPath first = m_first->PortPath();
    const CriticalPath second = m_second->PortPath();
    return first.size_bytes > second.size_bytes ? first : second;
  }

 private:
  std::unique_ptr<BoundedSchedule> m_first;
  std::unique_ptr<BoundedSchedule> m_second;
  CriticalPath m_joint;
};

}  // namespace ddlsim
