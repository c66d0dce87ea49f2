// SPDX-License-Identifier: GPL-2.0-only
//
// The time order of one fabric: plain 16-byte events, popped in the total order (time, key, ref).
//
// A slot of the wheel collects, unsorted, the events of one window of 2^width ps in chunks from a
// pool. When a window becomes current, its events are scattered by time into one array (a radix
// pass, sequential memory) and finished by insertion sort. Events that fall into the current window
// go to a small heap beside the array, events beyond the wheel to a large one. The width follows
// the density of events; it changes the cost, never the order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ddlsim {

struct Event {
  uint64_t time_ps;
  uint32_t ref;  // what it is about: a frame, a queue pair, a timer
  uint32_t key;  // order among events of one time: class and local fact, see fabric.h

  uint64_t Tie() const { return (uint64_t{key} << 32) | ref; }
  bool operator<(const Event& other) const {
    return time_ps != other.time_ps ? time_ps < other.time_ps : Tie() < other.Tie();
  }
};
static_assert(sizeof(Event) == 16, "four events a cache line");

class EventWheel {
 public:
  // `delay_min_ps` (above zero) is the shortest delay that most events have: a link's.
  explicit EventWheel(uint64_t delay_min_ps);

  // time_ps must not be before the last popped event's time.
  void Push(uint64_t time_ps, uint32_t key, uint32_t ref) {
    const uint64_t window = time_ps >> m_width;
    ++m_size;
    if (window <= m_current) return PushLocal({time_ps, ref, key});
    if (window - m_current >= kSlots) return PushFar({time_ps, ref, key});
    PushSlot(window & (kSlots - 1), {time_ps, ref, key});
  }

  // The next event, or nullptr when none is before `limit_ps`. Pop() takes it.
  const Event* Peek(uint64_t limit_ps) {
    for (;;) {
      const Event* next = nullptr;
      if (m_position < m_run_size) next = &m_run[m_position];
      m_next_is_local = !m_local.empty() && (next == nullptr || m_local.front() < *next);
      if (m_next_is_local) next = &m_local.front();
      if (next != nullptr) return next->time_ps < limit_ps ? next : nullptr;
      if (!Advance(limit_ps)) return nullptr;
    }
  }
  // Removes the event that the last Peek() returned.
  void Pop() {
    --m_size;
    if (m_next_is_local) {
      PopLocal();
    } else {
      ++m_position;
    }
  }
  // An event that is likely to be popped `distance` pops from now, or nullptr: for prefetching.
  const Event* Ahead(size_t distance) const {
    const size_t position = m_position + distance;
    return position < m_run_size ? &m_run[position] : nullptr;
  }

  uint64_t Size() const { return m_size; }

 private:
  static constexpr uint64_t kSlots = 4096;
  static constexpr uint32_t kChunkEvents = 32;
  static constexpr uint32_t kNoChunk = UINT32_MAX;
  static constexpr size_t kWindowEventsMax = 8192;  // a denser window halves the width twice
  static constexpr uint64_t kWindowEventsMin = 24;  // sparser windows on average double it twice

  struct Chunk {
    Event events[kChunkEvents];
  };
  struct Slot {
    uint32_t tail = kNoChunk;  // chunk being filled
    uint32_t count = 0;        // events in the slot
  };

  void PushSlot(uint64_t slot_index, const Event& event) {
    Slot& slot = m_slots[slot_index];
    const uint32_t fill = slot.count % kChunkEvents;
    if (fill == 0) AddChunk(slot, slot_index);
    m_chunks[slot.tail].events[fill] = event;
    ++slot.count;
  }
  void PushLocal(const Event& event);
  void PushFar(const Event& event);
  void PopLocal();
  void AddChunk(Slot& slot, uint64_t slot_index);
  bool Advance(uint64_t limit_ps);
  uint64_t NextWindow() const;
  size_t CountWindow(uint64_t window);
  void Order(uint64_t window, size_t count);
  template <typename Visitor>
  void VisitSlot(const Slot& slot, Visitor visit) const;
  void ReleaseSlot(uint64_t slot_index);
  void SortBuckets(size_t buckets, uint32_t crowd);
  void Retune(uint32_t width);

  uint32_t m_width;        // log2 of a window's ps
  uint64_t m_current = 0;  // window whose events are in m_run and m_local
  size_t m_position = 0;
  bool m_next_is_local = false;
  uint64_t m_size = 0;
  std::vector<Event> m_run;  // current window, sorted: the first m_run_size
  size_t m_run_size = 0;
  std::vector<Event> m_local;  // heap of late comers to the current window
  std::vector<Event> m_far;    // heap of what lies beyond the wheel
  std::vector<Slot> m_slots;
  std::vector<uint64_t> m_occupied;  // one bit a slot
  std::vector<Chunk> m_chunks;
  std::vector<uint32_t> m_chunk_next;  // previous chunk of a slot's chain, or free list
  uint32_t m_free_chunk = kNoChunk;
  std::vector<Event> m_due;  // what the far heap holds of the window that becomes current
  std::vector<uint32_t> m_offsets;
  uint32_t m_windows_seen = 0;
  uint64_t m_events_seen = 0;
};

}  // namespace ddlsim
