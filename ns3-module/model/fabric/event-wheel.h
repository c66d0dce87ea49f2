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
#include <memory>
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
  // `delay_min_ps` (above zero) is the shortest delay that most events have: a link's. No window is
  // longer, so that they never fall into the current one.
  explicit EventWheel(uint64_t delay_min_ps);

  // time_ps must not be before the last taken event's time.
  void Push(uint64_t time_ps, uint32_t key, uint32_t ref) {
    const uint64_t ahead = (time_ps >> m_width) - m_current - 1;  // wraps for the current window
    if (ahead >= kSlots - 1) return PushElsewhere({time_ps, ref, key});
    Slot& slot = m_slots[(m_current + 1 + ahead) & (kSlots - 1)];
    if ((reinterpret_cast<uintptr_t>(slot.cursor) & (kChunkBytes - 1)) == 0) AddChunk(slot);
    *slot.cursor++ = {time_ps, ref, key};
  }

  // Takes the next event into `event`; false when none is before `limit_ps`.
  bool Next(uint64_t limit_ps, Event& event) {
    if (m_position >= m_run_size) return NextSlowly(limit_ps, event);
    event = m_run[m_position];
    if (event.time_ps >= m_local_ps || event.time_ps >= limit_ps)
      return NextSlowly(limit_ps, event);
    ++m_position;
    return true;
  }
  // Time of the next event, or UINT64_MAX.
  uint64_t NextTimePs();
  bool Empty() const;

  // An event that is likely to be taken `distance` calls from now, or nullptr: for prefetching.
  const Event* Ahead(size_t distance) const {
    const size_t position = m_position + distance;
    return position < m_run_size ? &m_run[position] : nullptr;
  }

 private:
  static constexpr uint64_t kSlots = 4096;
  static constexpr size_t kChunkBytes = 512;
  static constexpr size_t kChunkEvents = kChunkBytes / sizeof(Event) - 1;
  static constexpr size_t kBlockChunks = 64;
  // Every so many windows the width is looked at: denser ones on average halve it twice, sparser
  // ones double it twice. One dense window is no reason: hosts in step crowd at one picosecond.
  static constexpr uint32_t kWindowsPerTuning = 512;
  static constexpr uint64_t kWindowEventsMax = 8192;
  static constexpr uint64_t kWindowEventsMin = 48;

  // Aligned to its size: a cursor at a multiple of kChunkBytes is at the end of a chunk, or null.
  struct alignas(kChunkBytes) Chunk {
    Chunk* previous;  // of the same slot, or of the free list
    uint64_t unused;
    Event events[kChunkEvents];
  };
  struct Slot {
    Event* cursor = nullptr;  // where the next event goes; null: the slot is empty
  };

  static Chunk* ChunkOf(const Slot& slot) {
    const uintptr_t last = reinterpret_cast<uintptr_t>(slot.cursor) - 1;
    return reinterpret_cast<Chunk*>(reinterpret_cast<char*>(slot.cursor) - 1 -
                                    (last & (kChunkBytes - 1)));
  }
  void PushElsewhere(const Event& event);
  bool NextSlowly(uint64_t limit_ps, Event& event);
  const Event* Peek(uint64_t limit_ps);
  void AddChunk(Slot& slot);
  bool Advance(uint64_t limit_ps);
  uint64_t NextWindow() const;
  size_t CountWindow(uint64_t window);
  void Order(uint64_t window, size_t count);
  template <typename Visitor>
  void VisitSlot(const Slot& slot, Visitor visit);
  void ReleaseSlot(uint64_t slot_index);
  void SortBuckets(size_t buckets, uint32_t crowd);
  void Retune(uint32_t width);

  uint32_t m_width;  // log2 of a window's ps
  uint32_t m_width_max;
  uint32_t m_width_min;
  uint64_t m_current = 0;  // window whose events are in m_run and m_local
  size_t m_position = 0;
  size_t m_run_size = 0;
  uint64_t m_local_ps = UINT64_MAX;  // time of the first in m_local
  std::vector<Event> m_run;          // current window, sorted: the first m_run_size
  std::vector<Event> m_local;        // heap of late comers to the current window
  std::vector<Event> m_far;          // heap of what lies beyond the wheel
  std::vector<Slot> m_slots;
  std::vector<uint64_t> m_occupied;  // one bit a slot
  std::vector<std::unique_ptr<Chunk[]>> m_blocks;
  Chunk* m_free_chunk = nullptr;
  std::vector<Event> m_due;  // what the far heap holds of the window that becomes current
  std::vector<uint32_t> m_offsets;
  std::vector<const Chunk*> m_chunks;  // of the slot that is visited, newest first
  uint32_t m_windows_seen = 0;
  uint64_t m_events_seen = 0;
};

}  // namespace ddlsim
