// SPDX-License-Identifier: GPL-2.0-only
//
// The egress side of one direction of a link: a FIFO whose departures are known when a frame is
// queued, so that no event marks the end of a transmission.
#pragma once

#include <cstdint>
#include <memory>

namespace ddlsim {

constexpr uint32_t kNoSwitch = UINT32_MAX;

// What a frame touches at every hop, in one cache line.
struct alignas(64) Port {
  Port() : queued_frames(0), has_loss(0), cuts_through(0) {}

  uint64_t busy_until_ps = 0;  // when the last queued frame has left
  uint64_t delay_ps = 0;
  uint64_t tx_bytes = 0;     // frame bytes put on the wire, or committed to it
  uint32_t ps_per_byte = 0;  // 0 where that is no whole number: see PortDetail::rate_bps
  uint32_t peer = 0;         // node at the far end; host numbers carry kHostBit
  uint32_t arrival_key = 0;  // of the events of frames that arrive there
  uint32_t owner_switch = kNoSwitch;
  uint32_t queued_bytes = 0;  // frame bytes not yet gone at the last settlement
  uint32_t max_queued_bytes = 0;
  uint32_t ecn_min_bytes = UINT32_MAX;  // Kmin; no marking above UINT32_MAX - 1
  uint32_t queued_frames : 30;
  uint32_t has_loss : 1;
  uint32_t cuts_through : 1;  // the far end begins to forward before a frame's end has come
  uint64_t frame_counts = 0;  // all frames, and data frames from bit 32 on

  // At most 2^32: 350 s of full frames at 400 Gb/s.
  uint32_t Frames() const { return static_cast<uint32_t>(frame_counts); }
  uint32_t DataFrames() const { return static_cast<uint32_t>(frame_counts >> 32); }
};
static_assert(sizeof(Port) == 64, "a port's hot state is one cache line");

// Departure times of queued frames, oldest first; in use only while two or more frames wait.
// An entry is 48 bits of time (compared modulo 2^48 ps = 281 s) and 16 bits of size.
class alignas(32) DepartureLog {
 public:
  bool IsFull() const { return m_count == m_size; }
  // Makes room by taking more memory.
  void Grow();
  void Push(uint64_t finish_ps, uint32_t size_bytes) {
    m_entries[(m_head + m_count++) & (m_size - 1)] = finish_ps << 16 | size_bytes;
  }
  void Clear() { m_count = 0; }
  // Removes the entries that have finished by `now_ps`; returns their bytes, adds to `frames`.
  uint32_t PopUntil(uint64_t now_ps, uint32_t& frames) {
    uint32_t bytes = 0;
    while (m_count > 0) {
      const uint64_t entry = m_entries[m_head];
      if (static_cast<int64_t>((now_ps << 16) - (entry & ~uint64_t{0xffff})) < 0) break;
      bytes += entry & 0xffff;
      m_head = (m_head + 1) & (m_size - 1);
      --m_count;
      ++frames;
    }
    return bytes;
  }

 private:
  std::unique_ptr<uint64_t[]> m_entries;  // ring
  uint32_t m_size = 0;                    // power of two, or 0
  uint32_t m_head = 0;
  uint32_t m_count = 0;
};
static_assert(sizeof(DepartureLog) == 32, "two a cache line, and none in two");

// The rest of a port, touched when something unusual happens.
struct PortDetail {
  uint64_t rate_bps = 0;
  uint64_t name_key = 0;  // of the directed link: stream of its random draws
  uint64_t loss_threshold = 0;
  uint32_t ecn_max_bytes = 0;  // Kmax
  double ecn_probability = 0;  // Pmax
  uint32_t from = 0;           // nodes, hosts without kHostBit
  uint32_t to = 0;
  uint64_t ecn_marked_frames = 0;
  uint64_t dropped_frames = 0;
  uint64_t dropped_bytes = 0;
  uint64_t lost_frames = 0;
  uint64_t trimmed_frames = 0;
  uint64_t pause_frames = 0;           // sent here
  uint64_t pause_frames_received = 0;  // at the far end, of these
  uint32_t reverse = 0;                // the same cable's other direction
  uint64_t down_ps = 0;                // when the link died last
  uint64_t up_ps = 0;                  // when it came back last; 0: never
  bool is_down = false;
  uint32_t cut_through_bytes = 0;  // of the switch at the far end
};

}  // namespace ddlsim
