// SPDX-License-Identifier: GPL-2.0-only
//
// All-to-all in ceil(log2 n) steps (Bruck, Ho, Kipnis, Upfal and Weathersby 1997, section 3): in
// step s every rank sends all blocks whose distance to their destination has bit s set, its own and
// those that it keeps for others, to the rank 2^s further on. n/2 blocks per message: few messages
// for more bytes than the direct way.
#pragma once

#include "collective/block-packing.h"
#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class BruckAllToAll : public BoundedSchedule {
 public:
  BruckAllToAll(uint32_t rank_count, uint64_t size_bytes);
  // One more to unpack the last message.
  uint32_t StepCount() const override { return m_level_count + 1; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  // A slot per distance, and the messages sent and received.
  uint64_t ScratchBytes() const override { return uint64_t{3} * m_rank_count * m_blocks.SizeBytes(0); }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  SegmentList Sent(uint32_t rank, uint32_t step) const;
  SegmentList Received(uint32_t rank, uint32_t step) const;
  uint64_t SlotOffset(uint32_t distance) const {
    return kScratchOffsetBytes + distance * m_blocks.SizeBytes(0);
  }
  uint64_t SentBytes(uint64_t block_bytes) const;

  uint32_t m_rank_count;
  uint32_t m_level_count;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
