// SPDX-License-Identifier: GPL-2.0-only
#include "collective/bruck-all-to-all.h"

namespace ddlsim {

BruckAllToAll::BruckAllToAll(uint32_t rank_count, uint64_t size_bytes)
    : m_rank_count(rank_count),
      m_level_count(CeilLog2(rank_count)),
      m_blocks(size_bytes, rank_count) {}

// A block that is to go `distance` from its source has gone the bits of it below `step` so far.
SegmentList BruckAllToAll::Sent(uint32_t rank, uint32_t step) const {
  const uint32_t n = m_rank_count;
  SegmentList blocks;
  for (uint32_t distance = 1; distance < n; ++distance) {
    if ((distance >> step & 1) == 0) continue;
    const uint32_t gone = distance & ((uint32_t{1} << step) - 1);
    const uint32_t destination = (rank + n - gone + distance) % n;
    blocks.Add(gone == 0 ? m_blocks.OffsetBytes(destination) : SlotOffset(distance),
               m_blocks.SizeBytes(destination));
  }
  return blocks;
}

SegmentList BruckAllToAll::Received(uint32_t rank, uint32_t step) const {
  const uint32_t n = m_rank_count;
  SegmentList blocks;
  for (uint32_t distance = 1; distance < n; ++distance) {
    if ((distance >> step & 1) == 0) continue;
    const uint32_t gone = distance & ((uint32_t{2} << step) - 1);
    const uint32_t source = (rank + n - gone) % n;
    const uint64_t size_bytes = m_blocks.SizeBytes((source + distance) % n);
    blocks.Add(gone == distance ? source * size_bytes : SlotOffset(distance), size_bytes);
  }
  return blocks;
}

void BruckAllToAll::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint64_t send_staging = SlotOffset(n);
  const uint64_t receive_staging = SlotOffset(2 * n);
  if (step > 0) Received(rank, step - 1).Unpack(receive_staging, false, actions);
  if (step == m_level_count) return;
  const uint32_t distance = uint32_t{1} << step;
  Sent(rank, step).Send((rank + distance) % n, send_staging, actions);
  Received(rank, step).Receive((rank + n - distance) % n, receive_staging, false, actions);
}

// In all steps, if every block has `block_bytes`.
uint64_t BruckAllToAll::SentBytes(uint64_t block_bytes) const {
  uint64_t block_count = 0;
  for (uint32_t step = 0; step < m_level_count; ++step) {
    // Of the numbers below n those with bit `step`.
    const uint64_t period = uint64_t{2} << step;
    const uint64_t rest = m_rank_count % period;
    block_count +=
        m_rank_count / period * (period / 2) + (rest > period / 2 ? rest - period / 2 : 0);
  }
  return block_count * block_bytes;
}

// Each step's message waits for the one before, if no block is empty. Otherwise some block for rank
// 0 has as many hops to go as its distance has bits.
CriticalPath BruckAllToAll::Path() const {
  const uint64_t smallest_bytes = m_blocks.SizeBytes(m_rank_count - 1);
  if (smallest_bytes > 0) return {m_level_count, SentBytes(smallest_bytes)};
  return {FloorLog2(m_rank_count), FloorLog2(m_rank_count) * m_blocks.SizeBytes(0)};
}

CriticalPath BruckAllToAll::PortPath() const {
  const uint64_t own_bytes = (m_rank_count - 1) * m_blocks.SizeBytes(0);
  return {1, std::max(own_bytes, SentBytes(m_blocks.SizeBytes(m_rank_count - 1)))};
}

}  // namespace ddlsim
