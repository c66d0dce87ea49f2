// SPDX-License-Identifier: GPL-2.0-only
#include "nic/selective-repeat.h"

#include "fabric/frame.h"

namespace ddlsim {
namespace {

constexpr uint32_t kSpanMin = 256;

bool IsBefore(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b) < 0;
}

uint32_t Later(uint32_t a, uint32_t b) {
  return IsBefore(a, b) ? b : a;
}

// The power of two that holds `span` packets.
uint32_t RingSize(uint32_t span) {
  uint32_t size = kSpanMin;
  while (size < span) size *= 2;
  return size;
}

}  // namespace

bool SackScoreboard::Sack(uint32_t una_psn, uint32_t psn, uint16_t size_bytes) {
  if (IsBefore(psn, una_psn)) return false;
  if (m_sizes.empty()) m_una_psn = m_end_psn = m_lost_end_psn = m_retransmit_psn = una_psn;
  if (psn - m_una_psn >= m_sizes.size()) Grow(psn - m_una_psn + 1);
  uint16_t& size = m_sizes[psn & m_mask];
  if (size != 0) return false;
  size = size_bytes;
  m_end_psn = Later(m_end_psn, psn + 1);
  m_lost_end_psn = Later(m_lost_end_psn, m_end_psn - m_reorder_packets);
  if (m_is_head_sent && !IsBefore(psn, m_head_next_psn + m_reorder_packets - 1)) {
    m_is_head_lost = true;
  }
  return true;
}

void SackScoreboard::Grow(uint32_t span) {
  const uint32_t size = RingSize(span);
  std::vector<uint16_t> larger(size);
  for (uint32_t psn = m_una_psn; IsBefore(psn, m_end_psn); ++psn) {
    larger[psn & (size - 1)] = m_sizes[psn & m_mask];
  }
  m_sizes.swap(larger);
  m_mask = size - 1;
}

void SackScoreboard::NoteTrimmed(uint32_t una_psn, uint32_t psn) {
  if (IsBefore(psn, una_psn)) return;
  if (m_sizes.empty()) {
    m_una_psn = m_end_psn = m_lost_end_psn = m_retransmit_psn = una_psn;
    Grow(1);
  }
  m_trimmed.push_back(psn);
}

void SackScoreboard::NoteRetransmitted(uint32_t next_psn) {
  if (!m_trimmed.empty()) return m_trimmed.pop_front();
  if (NextLost() == m_una_psn) {
    m_is_head_sent = true;
    m_head_next_psn = next_psn;
  }
  if (!m_is_head_lost) ++m_retransmit_psn;
  m_is_head_lost = false;
}

uint64_t SackScoreboard::Advance(uint32_t una_psn, uint32_t next_psn) {
  if (m_sizes.empty() || !IsBefore(m_una_psn, una_psn)) return 0;
  uint64_t bytes = 0;
  for (; IsBefore(m_una_psn, una_psn) && IsBefore(m_una_psn, m_end_psn); ++m_una_psn) {
    bytes += m_sizes[m_una_psn & m_mask];
    m_sizes[m_una_psn & m_mask] = 0;
  }
  m_una_psn = una_psn;
  m_end_psn = Later(m_end_psn, una_psn);
  m_lost_end_psn = Later(m_lost_end_psn, una_psn);
  m_is_head_sent = IsBefore(una_psn, m_retransmit_psn);
  m_is_head_lost = false;
  m_head_next_psn = next_psn;  // sent again before now
  m_retransmit_psn = Later(m_retransmit_psn, una_psn);
  return bytes;
}

void SackScoreboard::DeclareLost(uint32_t una_psn, uint32_t next_psn) {
  if (m_sizes.empty()) {
    m_una_psn = m_end_psn = m_lost_end_psn = una_psn;
    Grow(1);
  }
  m_retransmit_psn = una_psn;
  m_lost_end_psn = Later(m_lost_end_psn, next_psn);
  m_is_head_sent = m_is_head_lost = false;
  m_trimmed.clear();
}

bool SackScoreboard::HasLost() {
  while (!m_trimmed.empty()) {  // but for those that came in the meantime
    const uint32_t psn = m_trimmed.front();
    if (!IsBefore(psn, m_una_psn) && !(IsBefore(psn, m_end_psn) && IsSacked(psn))) return true;
    m_trimmed.pop_front();
  }
  if (m_is_head_lost) return true;
  while (IsBefore(m_retransmit_psn, m_lost_end_psn)) {
    if (!IsBefore(m_retransmit_psn, m_end_psn) || !IsSacked(m_retransmit_psn)) return true;
    ++m_retransmit_psn;
  }
  return false;
}

bool ReorderBuffer::Put(uint32_t expected_psn, uint32_t psn, uint32_t frame) {
  const uint32_t span = psn - expected_psn + 1;
  if (span > m_frames.size()) Grow(expected_psn, span);
  uint32_t& slot = m_frames[psn & (m_frames.size() - 1)];
  if (slot != kNoFrame) return false;
  slot = frame;
  ++m_count;
  return true;
}

bool ReorderBuffer::Take(uint32_t psn, uint32_t& frame) {
  if (m_count == 0) return false;
  uint32_t& slot = m_frames[psn & (m_frames.size() - 1)];
  if (slot == kNoFrame) return false;
  frame = slot;
  slot = kNoFrame;
  --m_count;
  return true;
}

void ReorderBuffer::Grow(uint32_t expected_psn, uint32_t span) {
  std::vector<uint32_t> larger(RingSize(span), kNoFrame);
  for (uint32_t i = 0; i < m_frames.size(); ++i) {
    const uint32_t psn = expected_psn + i;
    larger[psn & (larger.size() - 1)] = m_frames[psn & (m_frames.size() - 1)];
  }
  m_frames.swap(larger);
}

}  // namespace ddlsim
