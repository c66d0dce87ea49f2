// SPDX-License-Identifier: GPL-2.0-only
//
// Messages made of blocks that lie apart: the sender copies them one behind the other into scratch
// memory, the receiver takes the message into scratch memory and distributes it in its next step.
// Blocks that lie one behind the other already are sent and received where they are.
#pragma once

#include <cstdint>
#include <vector>

#include "collective/schedule.h"

namespace ddlsim {

struct Segment {
  uint64_t offset_bytes = 0;
  uint64_t size_bytes = 0;
};

// The parts of one message, in the order in which they travel.
class SegmentList {
 public:
  // Joins what follows on the last segment; drops what is empty.
  void Add(uint64_t offset_bytes, uint64_t size_bytes);
  uint64_t SizeBytes() const { return m_size_bytes; }

  // `staging_offset_bytes`: scratch memory for as many bytes as the message has.
  void Send(uint32_t peer, uint64_t staging_offset_bytes, StepActions& actions) const;
  void Receive(uint32_t peer, uint64_t staging_offset_bytes, bool reduce,
               StepActions& actions) const;
  // In the step after Receive(), with the same arguments.
  void Unpack(uint64_t staging_offset_bytes, bool reduce, StepActions& actions) const;

 private:
  std::vector<Segment> m_segments;
  uint64_t m_size_bytes = 0;
};

}  // namespace ddlsim
