// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/event-wheel.h"

#include <algorithm>
#include <cstddef>

namespace ddlsim {
namespace {

constexpr uint32_t kWidthMin = 4;
constexpr uint32_t kWidthMax = 40;

struct Later {
  bool operator()(const Event& a, const Event& b) const { return b < a; }
};

uint32_t FloorLog2(uint64_t value) {
  return 63 - static_cast<uint32_t>(__builtin_clzll(value | 1));
}

// Of what is nearly in order; gives up, leaving a permutation, after about `moves_max` moves.
bool InsertionSort(Event* first, Event* last, ptrdiff_t moves_max = PTRDIFF_MAX) {
  for (Event* i = first + 1; i < last; ++i) {
    if (!(*i < i[-1])) continue;
    const Event event = *i;
    Event* hole = i;
    for (; hole > first && event < hole[-1]; --hole) *hole = hole[-1];
    *hole = event;
    if ((moves_max -= i - hole) < 0) return false;
  }
  return true;
}

}  // namespace

EventWheel::EventWheel(uint64_t delay_min_ps)
    : m_width_max(std::clamp(FloorLog2(delay_min_ps), kWidthMin, kWidthMax)),
      m_width_min(m_width_max > kWidthMin + 8 ? m_width_max - 8 : kWidthMin),
      m_slots(kSlots),
      m_occupied(kSlots / 64) {
  m_width = m_width_max > kWidthMin + 4 ? m_width_max - 4 : kWidthMin;
}

void EventWheel::PushElsewhere(const Event& event) {
  if (event.time_ps >> m_width <= m_current) {
    m_local.push_back(event);
    std::push_heap(m_local.begin(), m_local.end(), Later());
    m_local_ps = m_local.front().time_ps;
  } else {
    m_far.push_back(event);
    std::push_heap(m_far.begin(), m_far.end(), Later());
  }
}

// The next event where it is, or nullptr.
const Event* EventWheel::Peek(uint64_t limit_ps) {
  for (;;) {
    const Event* next = m_position < m_run_size ? &m_run[m_position] : nullptr;
    if (!m_local.empty() && (next == nullptr || m_local.front() < *next)) next = &m_local.front();
    if (next != nullptr) return next->time_ps < limit_ps ? next : nullptr;
    if (!Advance(limit_ps)) return nullptr;
  }
}

bool EventWheel::NextSlowly(uint64_t limit_ps, Event& event) {
  const Event* next = Peek(limit_ps);
  if (next == nullptr) return false;
  event = *next;
  if (!m_local.empty() && next == &m_local.front()) {
    std::pop_heap(m_local.begin(), m_local.end(), Later());
    m_local.pop_back();
    m_local_ps = m_local.empty() ? UINT64_MAX : m_local.front().time_ps;
  } else {
    ++m_position;
  }
  return true;
}

uint64_t EventWheel::NextTimePs() {
  const Event* next = Peek(UINT64_MAX);
  return next == nullptr ? UINT64_MAX : next->time_ps;
}

bool EventWheel::Empty() const {
  return m_position == m_run_size && m_local.empty() && m_far.empty() &&
         std::all_of(m_occupied.begin(), m_occupied.end(), [](uint64_t word) { return word == 0; });
}

void EventWheel::AddChunk(Slot& slot) {
  if (m_free_chunk == nullptr) {
    m_blocks.push_back(std::make_unique<Chunk[]>(kBlockChunks));
    for (size_t i = 0; i < kBlockChunks; ++i) {
      m_blocks.back()[i].previous = m_free_chunk;
      m_free_chunk = &m_blocks.back()[i];
    }
  }
  Chunk* chunk = m_free_chunk;
  m_free_chunk = chunk->previous;
  chunk->previous = slot.cursor == nullptr ? nullptr : ChunkOf(slot);
  if (slot.cursor == nullptr) {
    const uint64_t index = static_cast<uint64_t>(&slot - m_slots.data());
    m_occupied[index / 64] |= uint64_t{1} << (index % 64);
  }
  slot.cursor = chunk->events;
}

// The first window after the current one that holds events, or UINT64_MAX.
uint64_t EventWheel::NextWindow() const {
  uint64_t next = UINT64_MAX;
  const uint64_t first = m_current + 1;
  const uint64_t start = first & (kSlots - 1);
  for (uint64_t i = 0; i <= kSlots / 64; ++i) {
    const uint64_t word_index = (start / 64 + i) % (kSlots / 64);
    uint64_t word = m_occupied[word_index];
    if (i == 0) word &= ~uint64_t{0} << (start % 64);
    if (i == kSlots / 64) word &= (uint64_t{1} << (start % 64)) - 1;
    if (word == 0) continue;
    const uint64_t slot = word_index * 64 + static_cast<uint64_t>(__builtin_ctzll(word));
    next = first + ((slot - start) & (kSlots - 1));
    break;
  }
  if (!m_far.empty()) next = std::min(next, m_far.front().time_ps >> m_width);
  return next;
}

bool EventWheel::Advance(uint64_t limit_ps) {
  const uint64_t window = NextWindow();
  if (window == UINT64_MAX || window > (limit_ps - 1) >> m_width)
    return false;  // nothing before the limit
  const size_t count = CountWindow(window);
  Order(window, count);
  m_current = window;
  m_position = 0;
  m_events_seen += count;
  if (++m_windows_seen == kWindowsPerTuning) {
    if (m_events_seen < kWindowEventsMin * kWindowsPerTuning) {
      Retune(std::min(m_width + 2, m_width_max));
    } else if (m_events_seen > kWindowEventsMax * kWindowsPerTuning) {
      Retune(std::max(m_width - 2, m_width_min));
    }
    m_windows_seen = 0;
    m_events_seen = 0;
  }
  return true;
}

// Events of the window in its slot and in the far heap; the latter's are moved to m_due.
size_t EventWheel::CountWindow(uint64_t window) {
  while (!m_far.empty() && m_far.front().time_ps >> m_width <= window) {
    m_due.push_back(m_far.front());
    std::pop_heap(m_far.begin(), m_far.end(), Later());
    m_far.pop_back();
  }
  size_t count = m_due.size();
  const Slot& slot = m_slots[window & (kSlots - 1)];
  if (window - m_current >= kSlots || slot.cursor == nullptr) return count;
  const Chunk* chunk = ChunkOf(slot);
  count += static_cast<size_t>(slot.cursor - chunk->events);
  for (chunk = chunk->previous; chunk != nullptr; chunk = chunk->previous) count += kChunkEvents;
  return count;
}

// Visits a slot's events in the order of their pushes.
template <typename Visitor>
void EventWheel::VisitSlot(const Slot& slot, Visitor visit) {
  m_chunks.clear();
  if (slot.cursor == nullptr) return;
  for (const Chunk* chunk = ChunkOf(slot); chunk != nullptr; chunk = chunk->previous) {
    m_chunks.push_back(chunk);
  }
  for (size_t i = m_chunks.size(); i-- > 0;) {
    const Event* const end = i == 0 ? slot.cursor : m_chunks[i]->events + kChunkEvents;
    for (const Event* event = m_chunks[i]->events; event != end; ++event) visit(*event);
  }
}

void EventWheel::ReleaseSlot(uint64_t slot_index) {
  Slot& slot = m_slots[slot_index];
  if (slot.cursor == nullptr) return;
  for (Chunk* chunk = ChunkOf(slot); chunk != nullptr;) {
    Chunk* previous = chunk->previous;
    chunk->previous = m_free_chunk;
    m_free_chunk = chunk;
    chunk = previous;
  }
  slot.cursor = nullptr;
  m_occupied[slot_index / 64] &= ~(uint64_t{1} << (slot_index % 64));
}

// Sorts the window's events into m_run: scattered by time into twice as many buckets as events,
// then put right by local sorts.
void EventWheel::Order(uint64_t window, size_t count) {
  if (m_run.size() < count) m_run.resize(count * 2);
  m_run_size = count;
  const uint64_t slot_index = window & (kSlots - 1);
  const Slot slot = window - m_current < kSlots ? m_slots[slot_index] : Slot();
  const uint32_t bucket_bits = std::min(m_width, FloorLog2(count) + 1);
  const uint32_t shift = m_width - bucket_bits;
  const uint64_t base = window << m_width;
  const size_t buckets = size_t{1} << bucket_bits;
  if (m_offsets.size() < buckets + 1) m_offsets.resize(buckets * 2 + 1);
  std::fill_n(m_offsets.begin(), buckets + 1, 0);
  uint32_t* const offsets = m_offsets.data();
  Event* const run = m_run.data();
  const auto count_event = [=](const Event& event) { ++offsets[(event.time_ps - base) >> shift]; };
  const auto scatter = [=](const Event& event) {
    run[offsets[(event.time_ps - base) >> shift]++] = event;
  };
  VisitSlot(slot, count_event);
  for (const Event& event : m_due) count_event(event);
  uint32_t sum = 0, crowd = 0;
  for (size_t i = 0; i < buckets; ++i) {
    const uint32_t bucket = offsets[i];
    offsets[i] = sum;
    sum += bucket;
    crowd = std::max(crowd, bucket);
  }
  VisitSlot(slot, scatter);
  for (const Event& event : m_due) scatter(event);
  if (slot.cursor != nullptr) ReleaseSlot(slot_index);
  m_due.clear();
  SortBuckets(buckets, crowd);
}

// Buckets are in order; offsets[i] is the end of bucket i. One pass of insertion sort over all
// needs no look at the buckets; only a crowd at one time would make it quadratic. Hosts in step
// make crowds, mostly pushed in the order of their ports, which is their order here.
void EventWheel::SortBuckets(size_t buckets, uint32_t crowd) {
  if (crowd > 24) {
    for (size_t i = 0, first = 0; i < buckets; first = m_offsets[i++]) {
      const size_t size = m_offsets[i] - first;
      Event* const events = m_run.data() + first;
      if (size > 24 && !InsertionSort(events, events + size, static_cast<ptrdiff_t>(8 * size))) {
        std::sort(events, events + size);
      }
    }
  }
  InsertionSort(m_run.data(), m_run.data() + m_run_size);
}

// Divides time anew; every event outside the current run is pushed again.
void EventWheel::Retune(uint32_t width) {
  if (width == m_width) return;
  std::vector<Event> pending;
  const auto collect = [&pending](const Event& event) { pending.push_back(event); };
  for (uint64_t slot_index = 0; slot_index < kSlots; ++slot_index) {
    VisitSlot(m_slots[slot_index], collect);
    ReleaseSlot(slot_index);
  }
  pending.insert(pending.end(), m_far.begin(), m_far.end());
  pending.insert(pending.end(), m_due.begin(), m_due.end());
  m_far.clear();
  m_due.clear();
  // The current run stays; the wheel goes on from the window that holds its end.
  const uint64_t current_end_ps = ((m_current + 1) << m_width) - 1;
  m_width = width;
  m_current = current_end_ps >> m_width;
  m_windows_seen = 0;
  m_events_seen = 0;
  for (const Event& event : pending) Push(event.time_ps, event.key, event.ref);
}

}  // namespace ddlsim
