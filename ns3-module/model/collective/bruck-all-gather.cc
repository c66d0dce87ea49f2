// SPDX-License-Identifier: GPL-2.0-only
#include "collective/bruck-all-gather.h"

#include <algorithm>

namespace ddlsim {

BruckAllGather::BruckAllGather(uint32_t rank_count, uint64_t size_bytes)
    : m_rank_count(rank_count),
      m_level_count(CeilLog2(rank_count)),
      m_size_bytes(size_bytes),
      m_blocks(size_bytes, rank_count) {}

SegmentList BruckAllGather::Blocks(uint32_t sender, uint32_t step) const {
  const uint32_t distance = uint32_t{1} << step;
  const uint32_t count = std::min(distance, m_rank_count - distance);
  const uint32_t end = std::min(sender + count, m_rank_count);
  const uint32_t wrapped = sender + count - end;
  SegmentList blocks;
  blocks.Add(m_blocks.OffsetBytes(sender),
             m_blocks.OffsetBytes(end) - m_blocks.OffsetBytes(sender));
  blocks.Add(0, m_blocks.OffsetBytes(wrapped));
  return blocks;
}

void BruckAllGather::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint64_t send_staging = kScratchOffsetBytes;
  const uint64_t receive_staging = kScratchOffsetBytes + m_size_bytes;
  if (step > 0) {
    const uint32_t sender = (rank + (uint32_t{1} << (step - 1))) % n;
    Blocks(sender, step - 1).Unpack(receive_staging, false, actions);
  }
  if (step == m_level_count) return;
  const uint32_t distance = uint32_t{1} << step;
  const uint32_t sender = (rank + distance) % n;
  Blocks(rank, step).Send((rank + n - distance) % n, send_staging, actions);
  Blocks(sender, step).Receive(sender, receive_staging, false, actions);
}

// Each step's message waits for the one before, if no block is empty. Otherwise block 0 has to
// reach the rank that is most hops away.
CriticalPath BruckAllGather::Path() const {
  const uint64_t smallest_bytes = m_blocks.SizeBytes(m_rank_count - 1);
  if (smallest_bytes > 0) return {m_level_count, (m_rank_count - 1) * smallest_bytes};
  return {FloorLog2(m_rank_count), FloorLog2(m_rank_count) * m_blocks.SizeBytes(0)};
}

CriticalPath BruckAllGather::PortPath() const {
  return {1, m_size_bytes - m_blocks.SizeBytes(m_rank_count - 1)};
}

}  // namespace ddlsim
