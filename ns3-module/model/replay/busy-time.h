// SPDX-License-Identifier: GPL-2.0-only
//
// How long a rank computed, communicated, and communicated without computing: the exact measure of
// unions of intervals, kept up to date at each end of an interval.
#pragma once

#include <cstdint>

namespace ddlsim {

class BusyTime {
 public:
  void BeginCompute(uint64_t now_ps) {
    Advance(now_ps);
    ++m_computing;
  }
  void EndCompute(uint64_t now_ps) {
    Advance(now_ps);
    --m_computing;
  }
  void BeginCommunication(uint64_t now_ps) {
    Advance(now_ps);
    ++m_communicating;
  }
  void EndCommunication(uint64_t now_ps) {
    Advance(now_ps);
    --m_communicating;
  }
  // Counts what is running until `now_ps`, no earlier than in any call before.
  void Advance(uint64_t now_ps) {
    const uint64_t elapsed_ps = now_ps - m_last_ps;
    m_last_ps = now_ps;
    if (m_computing > 0) m_compute_ps += elapsed_ps;
    if (m_communicating == 0) return;
    m_communication_ps += elapsed_ps;
    if (m_computing == 0) m_exposed_ps += elapsed_ps;
  }

  uint64_t ComputePs() const { return m_compute_ps; }
  uint64_t CommunicationPs() const { return m_communication_ps; }
  uint64_t ExposedPs() const { return m_exposed_ps; }

 private:
  uint64_t m_last_ps = 0;
  uint64_t m_compute_ps = 0;
  uint64_t m_communication_ps = 0;
  uint64_t m_exposed_ps = 0;
  uint32_t m_computing = 0;      // compute and memory nodes running
  uint32_t m_communicating = 0;  // communication nodes posted and not complete
};

}  // namespace ddlsim
