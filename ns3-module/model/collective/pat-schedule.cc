// SPDX-License-Identifier: GPL-2.0-only
#include "collective/pat-schedule.h"

#include <algorithm>

namespace ddlsim {

PatSchedule::PatSchedule(uint32_t rank_count, uint64_t size_bytes, bool reduces)
    : m_rank_count(rank_count),
      m_reduces(reduces),
      m_level_count(CeilLog2(rank_count)),
      m_size_bytes(size_bytes),
      m_blocks(size_bytes, rank_count) {}

// The last message of a reduce-scatter is one block; those of an all-gather still have to be
// unpacked.
uint32_t PatSchedule::StepCount() const {
  return m_level_count + (m_reduces ? 0 : 1);
}

uint32_t PatSchedule::Distance(uint32_t step) const {
  return uint32_t{1} << (m_reduces ? step : m_level_count - 1 - step);
}

// Before the step, a block is at the ranks whose offset from its owner is a multiple of 2 *
// distance.
SegmentList PatSchedule::Blocks(uint32_t sender, uint32_t distance) const {
  const uint32_t n = m_rank_count;
  SegmentList blocks;
  for (uint32_t offset = 0; offset + distance < n; offset += 2 * distance) {
    const uint32_t block = (sender + n - offset) % n;
    blocks.Add(m_blocks.OffsetBytes(block), m_blocks.SizeBytes(block));
  }
  return blocks;
}

void PatSchedule::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint64_t send_staging = kScratchOffsetBytes;
  const uint64_t receive_staging = kScratchOffsetBytes + m_size_bytes;
  const auto received = [&](uint32_t distance) {
    return Blocks(m_reduces ? rank : (rank + n - distance) % n, distance);
  };
  if (step > 0) received(Distance(step - 1)).Unpack(receive_staging, m_reduces, actions);
  if (step == m_level_count) return;
  const uint32_t distance = Distance(step);
  const uint32_t above = (rank + distance) % n;
  const uint32_t below = (rank + n - distance) % n;
  Blocks(m_reduces ? below : rank, distance).Send(m_reduces ? below : above, send_staging, actions);
  received(distance).Receive(m_reduces ? above : below, receive_staging, m_reduces, actions);
}

// All steps of all ranks carry a block, if none is empty: then a chain goes through all of them.
// Otherwise block 0 still has to reach (or come from) the rank that is most hops away.
CriticalPath PatSchedule::Path() const {
  const uint64_t smallest_bytes = m_blocks.SizeBytes(m_rank_count - 1);
  if (smallest_bytes > 0) return {m_level_count, (m_rank_count - 1) * smallest_bytes};
  return {FloorLog2(m_rank_count), FloorLog2(m_rank_count) * m_blocks.SizeBytes(0)};
}

// All-gather: all blocks but the own one arrive. Reduce-scatter: all but it leave.
CriticalPath PatSchedule::PortPath() const {
  return {1, m_size_bytes - m_blocks.SizeBytes(m_rank_count - 1)};
}

}  // namespace ddlsim
