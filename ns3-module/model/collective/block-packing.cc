// SPDX-License-Identifier: GPL-2.0-only
#include "collective/block-packing.h"

namespace ddlsim {

void SegmentList::Add(uint64_t offset_bytes, uint64_t size_bytes) {
  if (size_bytes == 0) return;
  m_size_bytes += size_bytes;
  if (!m_segments.empty()) {
    Segment& last = m_segments.back();
    if (last.offset_bytes + last.size_bytes == offset_bytes) {
      last.size_bytes += size_bytes;
      return;
    }
  }
  m_segments.push_back({offset_bytes, size_bytes});
}

void SegmentList::Send(uint32_t peer, uint64_t staging_offset_bytes, StepActions& actions) const {
  if (m_segments.empty()) return;
  if (m_segments.size() == 1) {
    actions.sends.push_back({peer, m_segments[0].offset_bytes, m_size_bytes});
    return;
  }
  uint64_t staged_bytes = staging_offset_bytes;
  for (const Segment& segment : m_segments) {
    actions.copies.push_back({segment.offset_bytes, staged_bytes, segment.size_bytes});
    staged_bytes += segment.size_bytes;
  }
  actions.sends.push_back({peer, staging_offset_bytes, m_size_bytes});
}

void SegmentList::Receive(uint32_t peer, uint64_t staging_offset_bytes, bool reduce,
                          StepActions& actions) const {
  if (m_segments.empty()) return;
  if (m_segments.size() == 1) {
    actions.receives.push_back({peer, m_segments[0].offset_bytes, m_size_bytes, reduce});
  } else {
    actions.receives.push_back({peer, staging_offset_bytes, m_size_bytes, false});
  }
}

void SegmentList::Unpack(uint64_t staging_offset_bytes, bool reduce, StepActions& actions) const {
  if (m_segments.size() < 2) return;
  for (const Segment& segment : m_segments) {
    actions.copies.push_back(
        {staging_offset_bytes, segment.offset_bytes, segment.size_bytes, reduce});
    staging_offset_bytes += segment.size_bytes;
  }
}

}  // namespace ddlsim
