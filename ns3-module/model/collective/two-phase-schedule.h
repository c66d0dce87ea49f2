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
  // `paths_join`: whether the two paths follow each other, but for `excess_bytes` at most by which
  // they are longer together than a chain through both. Neither phase needs scratch memory.
  TwoPhaseSchedule(std::unique_ptr<BoundedSchedule> first, std::unique_ptr<BoundedSchedule> second,
                   bool paths_join, uint64_t excess_bytes)
      : m_first(std::move(first)),
        m_second(std::move(second)),
        m_paths_join(paths_join),
        m_excess_bytes(excess_bytes) {}

  uint32_t StepCount() const override { return m_first->StepCount() + m_second->StepCount(); }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override {
    const uint32_t first_count = m_first->StepCount();
    if (step < first_count) return m_first->Step(rank, step, actions);
    m_second->Step(rank, step - first_count, actions);
  }

  CriticalPath Path() const override {
    const CriticalPath first = m_first->Path();
    const CriticalPath second = m_second->Path();
    if (!m_paths_join) return first.hops > second.hops ? first : second;
    const uint64_t size_bytes = first.size_bytes + second.size_bytes;
    return {first.hops + second.hops, size_bytes - m_excess_bytes};
  }
  CriticalPath PortPath() const override {
    const CriticalPath first = m_first->PortPath();
    const CriticalPath second = m_second->PortPath();
    return first.size_bytes > second.size_bytes ? first : second;
  }

 private:
  std::unique_ptr<BoundedSchedule> m_first;
  std::unique_ptr<BoundedSchedule> m_second;
  bool m_paths_join;
  uint64_t m_excess_bytes;
};

}  // namespace ddlsim
