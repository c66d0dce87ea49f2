// SPDX-License-Identifier: GPL-2.0-only
#include "collective/ring-schedule.h"

namespace ddlsim {

RingSchedule::RingSchedule(uint32_t rank_count, uint64_t size_bytes, RingPhases phases)
    : m_rank_count(rank_count), m_phases(phases), m_blocks(size_bytes, rank_count) {}

uint32_t RingSchedule::StepCount() const {
  return (m_phases == RingPhases::kReduceThenGather ? 2 : 1) * (m_rank_count - 1);
}

// A rank passes on in each step what it received in the step before. To end with block r reduced,
// rank r has to start reducing with block r-1; to spread what it owns, with block r. After the n-1
// steps of the first phase the second one continues without a seam, as n-1+1 is 0 modulo n.
void RingSchedule::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint32_t lag = step + (m_phases == RingPhases::kGather ? 0 : 1);
  const uint32_t sent = (rank + 2 * n - lag) % n;
  const uint32_t received = (rank + 2 * n - lag - 1) % n;
  const bool reduce = m_phases != RingPhases::kGather && step < n - 1;
  if (m_blocks.SizeBytes(sent) > 0) {
    actions.sends.push_back({(rank + 1) % n, m_blocks.OffsetBytes(sent), m_blocks.SizeBytes(sent)});
  }
  if (m_blocks.SizeBytes(received) > 0) {
    actions.receives.push_back(
        {(rank + n - 1) % n, m_blocks.OffsetBytes(received), m_blocks.SizeBytes(received), reduce});
  }
}

// Reduce: all blocks but the own one leave; gather: all but it arrive. The one that reduces the
// last block, the smallest, sends all but it and then all but the next one.
CriticalPath RingSchedule::PortPath() const {
  const uint32_t n = m_rank_count;
  const uint64_t size_bytes = m_blocks.OffsetBytes(n);
  const uint64_t once_bytes = size_bytes - m_blocks.SizeBytes(n - 1);
  if (m_phases != RingPhases::kReduceThenGather) return {1, once_bytes};
  return {1, once_bytes + size_bytes - m_blocks.SizeBytes(0)};
}

CriticalPath RingSchedule::Path() const {
  return {StepCount(), StepCount() * m_blocks.SizeBytes(0)};
}

}  // namespace ddlsim
