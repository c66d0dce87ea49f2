// SPDX-License-Identifier: GPL-2.0-only
//
// Selective repeat: what sender and receiver of a queue pair remember of packets that arrived out
// of order. After Mittal et al., "Revisiting Network Support for RDMA" (IRN), SIGCOMM 2018,
// section 3.1: the receiver answers each packet out of order with the next one that it expects and
// the one that came; the sender sends again, once each, what lies below a packet that came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace ddlsim {

constexpr uint32_t kReorderPacketsMax = 1u << 20;

// The sender's side. Sequence numbers are compared modulo 2^32.
class SackScoreboard {
 public:
  // `reorder_packets`, one or more: so far ahead of a missing packet another must have come before
  // the missing one counts as lost.
  explicit SackScoreboard(uint32_t reorder_packets) : m_reorder_packets(reorder_packets) {}

  // Packet `psn` of `size_bytes` (above zero) has come, while `una_psn` is still missing. True when
  // that was not known.
  bool Sack(uint32_t una_psn, uint32_t psn, uint16_t size_bytes);
  // Everything before `una_psn` has come; `next_psn` is sent next. Returns the bytes of those that
  // Sack() was told of.
  uint64_t Advance(uint32_t una_psn, uint32_t next_psn);
  // Packet `psn` has come without its payload: it is lost, whatever came before or after it.
  void NoteTrimmed(uint32_t una_psn, uint32_t psn);
  // All of una_psn .. next_psn - 1 that has not come counts as lost, also what was sent again.
  void DeclareLost(uint32_t una_psn, uint32_t next_psn);
  // The next lost packet that has not been sent again since it was declared lost. When what was
  // sent after the oldest missing packet's retransmission comes, that one is lost once more: only
  // at the end of a flow does a lost retransmission need a timeout.
  bool HasLost();
  // Valid after HasLost() was true.
  uint32_t NextLost() const {
    if (!m_trimmed.empty()) return m_trimmed.front();
    return m_is_head_lost ? m_una_psn : m_retransmit_psn;
  }
  // NextLost() has been sent; `next_psn` is the next one that has never been sent.
  void NoteRetransmitted(uint32_t next_psn);

 private:
  // For packets from m_una_psn to before m_end_psn.
  bool IsSacked(uint32_t psn) const { return m_sizes[psn & m_mask] != 0; }
  void Grow(uint32_t span);

  uint32_t m_reorder_packets;
  std::vector<uint16_t> m_sizes;  // ring of m_mask + 1 packets: bytes, 0 while missing
  uint32_t m_mask = 0;
  uint32_t m_una_psn = 0;
  uint32_t m_end_psn = 0;         // one past the last packet that is known to have come
  uint32_t m_lost_end_psn = 0;    // what is missing below counts as lost
  uint32_t m_retransmit_psn = 0;  // from here on nothing has been sent again
  bool m_is_head_sent = false;    // m_una_psn has been sent again, before m_head_next_psn
  bool m_is_head_lost = false;    // and that was lost too
  uint32_t m_head_next_psn = 0;
  std::deque<uint32_t> m_trimmed;  // to be sent again, in the order of the reports
};

// The receiver's side: frames that came early, by sequence number.
class ReorderBuffer {
 public:
  bool IsEmpty() const { return m_count == 0; }
  uint32_t Count() const { return m_count; }
  // Keeps a frame; false when one of that number is there already.
  bool Put(uint32_t expected_psn, uint32_t psn, uint32_t frame);
  // Removes the frame of that number into `frame`; false when it has not come.
  bool Take(uint32_t psn, uint32_t& frame);

 private:
  void Grow(uint32_t expected_psn, uint32_t span);

  std::vector<uint32_t> m_frames;  // ring, power of two
  uint32_t m_count = 0;
};

}  // namespace ddlsim
