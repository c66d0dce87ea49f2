// SPDX-License-Identifier: GPL-2.0-only
//
// How long a rank computed, communicated, communicated without computing, and of that did nothing
// but wait for another pipeline stage: the exact measure of unions of intervals, kept up to date at
// each end of an interval.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ddlsim {

// What a rank's communication is to the time that it is exposed: messages between pipeline stages
// apart, since waiting for them is the pipeline's bubble rather than the network. A send to a stage
// holds nobody up by itself.
enum class CommunicationKind : uint8_t { kStageReceive, kStageSend, kOther };
constexpr size_t kCommunicationKindCount = 3;

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
  void BeginCommunication(uint64_t now_ps, CommunicationKind kind) {
    Advance(now_ps);
    ++m_communicating;
    ++m_of_kind[static_cast<size_t>(kind)];
  }
  void EndCommunication(uint64_t now_ps, CommunicationKind kind) {
    Advance(now_ps);
    --m_communicating;
    --m_of_kind[static_cast<size_t>(kind)];
  }
  // Counts what is running until `now_ps`, no earlier than in any call before.
  void Advance(uint64_t now_ps) {
    const uint64_t elapsed_ps = now_ps - m_last_ps;
    m_last_ps = now_ps;
    if (m_computing > 0) m_compute_ps += elapsed_ps;
    if (m_communicating == 0) return;
    m_communication_ps += elapsed_ps;
    if (m_computing > 0) return;
    m_exposed_ps += elapsed_ps;
    if (Count(CommunicationKind::kStageReceive) > 0 && Count(CommunicationKind::kOther) == 0) {
      m_stage_wait_ps += elapsed_ps;
    }
  }

  uint64_t ComputePs() const { return m_compute_ps; }
  uint64_t CommunicationPs() const { return m_communication_ps; }
  uint64_t ExposedPs() const { return m_exposed_ps; }
  // Of this, a message from another stage being awaited and nothing else but such messages running.
  uint64_t StageWaitPs() const { return m_stage_wait_ps; }

 private:
  uint32_t Count(CommunicationKind kind) const { return m_of_kind[static_cast<size_t>(kind)]; }

  uint64_t m_last_ps = 0;
  uint64_t m_compute_ps = 0;
  uint64_t m_communication_ps = 0;
  uint64_t m_exposed_ps = 0;
  uint64_t m_stage_wait_ps = 0;
  uint32_t m_computing = 0;                          // compute and memory nodes running
  uint32_t m_communicating = 0;                      // communication nodes posted and not complete
  uint32_t m_of_kind[kCommunicationKindCount] = {};  // the same by CommunicationKind
};

}  // namespace ddlsim
