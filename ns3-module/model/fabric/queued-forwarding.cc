// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/queued-forwarding.h"

#include "fabric/fabric.h"

namespace ddlsim {
namespace {

// In a kSwitchEgress event's ref: a pause to refresh, not a frame. Frames number fewer than 2^26.
constexpr uint32_t kRefreshBit = 0x80000000u;

// A kPortFree event's ref.
enum PortFreeCause : uint32_t { kTransmitted = 0, kPauseEnds = 1 };

}  // namespace

QueuedForwarding::QueuedForwarding(Fabric& fabric)
    : m_fabric(fabric), m_classes(fabric.m_config.qos.has_classes ? kTrafficClassesMax : 1) {
  const FabricConfig& config = fabric.m_config;
  m_queues.resize(fabric.m_ports.size() * m_classes);
  m_states.resize(fabric.m_ports.size());
  for (uint32_t c = 0; c < m_classes; ++c) {
    if (config.qos.weights[c] == 0) m_strict_classes |= 1u << c;
  }
  m_round_bytes = config.frame_bytes_max;
  if (config.pfc.enabled) m_pfc = std::make_unique<FlowControl>(fabric, *this);
}

void QueuedForwarding::Arrive(uint32_t ingress, uint32_t frame_index) {
  Frame& frame = m_fabric.m_frames[frame_index];
  if (frame.type == FrameType::kPause) return OnPauseFrame(ingress, frame_index);
  const uint32_t port = m_fabric.EgressOf(frame);
  if (port == kNoPort) return m_fabric.Lose(ingress, frame_index);
  frame.egress = port;
  const uint64_t passed_ps = m_fabric.PassedSwitchPs(ingress, port, frame.size_bytes);
  if (passed_ps == m_fabric.m_now_ps) return Admit(ingress, frame_index);
  m_fabric.Schedule(passed_ps, EventClass::kSwitchEgress, ingress, frame_index);
}

void QueuedForwarding::OnSwitchEgress(uint32_t ingress, uint32_t ref) {
  if ((ref & kRefreshBit) == 0) return Admit(ingress, ref);
  m_pfc->Refresh(ingress, ref & ~kRefreshBit);
}

void QueuedForwarding::OnPortFree(uint32_t port, uint32_t ref) {
  const bool is_host = port < m_fabric.HostCount();
  if (ref == kPauseEnds) {
    if (is_host) return m_fabric.m_hosts->OnResume(port);
  } else {
    m_states[port].is_event_set = false;
    Release(port);
  }
  Send(port);
}

void QueuedForwarding::OnPauseFrame(uint32_t ingress, uint32_t frame_index) {
  const Frame& frame = m_fabric.m_frames[frame_index];
  const uint32_t port = m_fabric.m_details[ingress].reverse;
  const uint32_t traffic_class = frame.psn;
  const uint32_t quanta = static_cast<uint32_t>(frame.cookie);
  m_fabric.m_frames.Free(frame_index);
  ++m_fabric.m_details[ingress].pause_frames_received;
  if (m_pfc == nullptr) return;
  m_pfc->Pause(port, traffic_class, quanta);
  if (m_fabric.m_observer != nullptr) {
    m_fabric.m_observer->OnPaused(port, traffic_class, quanta, m_fabric.m_now_ps);
  }
  if (quanta != 0) return;
  if (port < m_fabric.HostCount()) return m_fabric.m_hosts->OnResume(port);
  Send(port);
}

bool QueuedForwarding::IsPaused(uint32_t port, uint32_t traffic_class) const {
  if (m_pfc == nullptr) return false;
  return m_pfc->IsPaused(port, m_classes == 1 ? 0 : traffic_class, m_fabric.m_now_ps);
}

// Gives the frame a place in its queue, without its payload if need be, or drops it.
void QueuedForwarding::Admit(uint32_t ingress, uint32_t frame_index) {
  Frame& frame = m_fabric.m_frames[frame_index];
  const uint32_t port = frame.egress;
  uint32_t traffic_class = ClassOf(frame);
  if (!HasRoomFor(port, ingress, traffic_class, frame.size_bytes)) {
    if (!Trim(frame)) return m_fabric.Drop(port, frame_index);
    traffic_class = ClassOf(frame);
    if (!HasRoomFor(port, ingress, traffic_class, frame.size_bytes)) {
      return m_fabric.Drop(port, frame_index);
    }
    ++m_fabric.m_details[port].trimmed_frames;
    if (m_fabric.m_observer != nullptr) {
      m_fabric.m_observer->OnTrimmed(port, frame, m_fabric.m_now_ps);
    }
  }
  Enqueue(port, ingress, traffic_class, frame_index);
  Send(port);
}

// With flow control the ingress port is charged by the way.
bool QueuedForwarding::HasRoomFor(uint32_t port, uint32_t ingress, uint32_t traffic_class,
                                  uint32_t size_bytes) {
  const uint64_t queue_bytes = Queue(port, traffic_class).bytes;
  const double alpha = m_fabric.m_config.buffer_alpha;
  if (m_pfc != nullptr) {
    return m_pfc->IsLossless(traffic_class)
               ? m_pfc->Charge(ingress, traffic_class, size_bytes)
               : m_pfc->ChargeLossy(ingress, traffic_class, queue_bytes, size_bytes, alpha);
  }
  const Fabric::Switch& sw = m_fabric.m_switches[m_fabric.m_ports[port].owner_switch];
  return Fabric::FitsBuffer(sw.buffer_bytes, sw.used_bytes, queue_bytes, size_bytes, alpha);
}

// What is left of a trimmed frame travels in the class of its answer.
bool QueuedForwarding::Trim(Frame& frame) const {
  if (!m_fabric.m_config.trims || frame.type != FrameType::kData || (frame.flags & kTrimmed) != 0 ||
      frame.size_bytes <= m_fabric.m_config.trimmed_bytes) {
    return false;
  }
  frame.size_bytes = static_cast<uint16_t>(m_fabric.m_config.trimmed_bytes);
  const uint32_t kept = frame.flags & ((1u << kTrafficClassShift) - 1);
  frame.flags =
      static_cast<uint8_t>(kept | kTrimmed | m_fabric.m_config.trimmed_class << kTrafficClassShift);
  return true;
}

void QueuedForwarding::Enqueue(uint32_t port_index, uint32_t ingress, uint32_t traffic_class,
                               uint32_t frame_index) {
  Frame& frame = m_fabric.m_frames[frame_index];
  Port& port = m_fabric.m_ports[port_index];
  ClassQueue& queue = Queue(port_index, traffic_class);
  if (queue.bytes > port.ecn_min_bytes && !m_fabric.m_config.ecn.at_dequeue) {
    m_fabric.MarkIfCongested(port_index, queue.bytes, frame);
  }
  const uint32_t size_bytes = frame.size_bytes;
  m_fabric.m_switches[port.owner_switch].used_bytes += size_bytes;
  port.queued_bytes += size_bytes;
  ++port.queued_frames;
  if (port.queued_bytes > port.max_queued_bytes) port.max_queued_bytes = port.queued_bytes;
  queue.bytes += size_bytes;
  frame.node = ingress;
  frame.next = kNoFrame;
  if (queue.head == kNoFrame) {
    queue.head = frame_index;
    m_states[port_index].waiting |= static_cast<uint8_t>(1u << traffic_class);
  } else {
    m_fabric.m_frames[queue.tail].next = frame_index;
  }
  queue.tail = frame_index;
}

// Begins the next transmission if the line is free and a class may go.
void QueuedForwarding::Send(uint32_t port_index) {
  PortState& state = m_states[port_index];
  if (state.is_event_set) return;
  uint32_t candidates = state.waiting;
  if (candidates != 0 && m_pfc != nullptr) candidates &= ~PausedClasses(port_index);
  if (candidates == 0) return;
  const uint64_t free_ps = m_fabric.m_ports[port_index].busy_until_ps;
  if (free_ps > m_fabric.m_now_ps) {  // a pause frame has gone ahead
    state.is_event_set = true;
    return m_fabric.Schedule(free_ps, EventClass::kPortFree, port_index, kTransmitted);
  }
  Transmit(port_index, Pick(port_index, candidates));
}

uint32_t QueuedForwarding::PausedClasses(uint32_t port) const {
  uint32_t paused = 0;
  for (uint32_t c = 0; c < m_classes; ++c) {
    if (m_pfc->IsPaused(port, c, m_fabric.m_now_ps)) paused |= 1u << c;
  }
  return paused;
}

uint32_t QueuedForwarding::Pick(uint32_t port, uint32_t candidates) {
  if (m_classes == 1) return 0;
  const uint32_t strict = candidates & m_strict_classes;
  if (strict != 0) return 31u - static_cast<uint32_t>(__builtin_clz(strict));
  return PickWeighted(port, candidates);
}

// Every class in its turn may send what its deficit covers; a round adds its weight's worth.
uint32_t QueuedForwarding::PickWeighted(uint32_t port, uint32_t candidates) {
  PortState& state = m_states[port];
  for (;;) {
    const uint32_t c = state.turn;
    ClassQueue& queue = Queue(port, c);
    if ((candidates >> c & 1) != 0) {
      if (queue.deficit >= m_fabric.m_frames[queue.head].size_bytes) return c;
    } else if (queue.head == kNoFrame) {
      queue.deficit = 0;
    }
    state.turn = static_cast<uint8_t>((c + 1) % m_classes);
    ClassQueue& next = Queue(port, state.turn);
    if ((candidates >> state.turn & 1) != 0) {
      next.deficit += m_fabric.m_config.qos.weights[state.turn] * m_round_bytes;
    }
  }
}

void QueuedForwarding::Transmit(uint32_t port_index, uint32_t traffic_class) {
  PortState& state = m_states[port_index];
  Port& port = m_fabric.m_ports[port_index];
  ClassQueue& queue = Queue(port_index, traffic_class);
  const uint32_t frame_index = queue.head;
  Frame& frame = m_fabric.m_frames[frame_index];
  queue.head = frame.next;
  if (queue.head == kNoFrame) state.waiting &= static_cast<uint8_t>(~(1u << traffic_class));
  if ((m_strict_classes >> traffic_class & 1) == 0) queue.deficit -= frame.size_bytes;
  state.service_bytes = frame.size_bytes;
  state.service_ingress = frame.node;
  state.service_class = static_cast<uint8_t>(traffic_class);
  const uint64_t left_bytes = queue.bytes - frame.size_bytes;
  if (left_bytes > port.ecn_min_bytes && m_fabric.m_config.ecn.at_dequeue) {
    m_fabric.MarkIfCongested(port_index, left_bytes, frame);
  }
  if (m_fabric.m_config.has_telemetry && frame.type == FrameType::kData) {
    m_fabric.m_telemetry.Add(frame_index, {m_fabric.m_now_ps, port.tx_bytes,
                                           uint64_t{port.queued_bytes} - frame.size_bytes,
                                           m_fabric.m_details[port_index].rate_bps, port_index});
  }
  const uint64_t finish_ps =
      m_fabric.FinishPs(port, port_index, frame.size_bytes, m_fabric.m_now_ps);
  m_fabric.Commit(port, port_index, frame_index, frame, finish_ps);
  state.is_event_set = true;
  m_fabric.Schedule(finish_ps, EventClass::kPortFree, port_index, kTransmitted);
}

// The frame in service has left the switch.
void QueuedForwarding::Release(uint32_t port_index) {
  PortState& state = m_states[port_index];
  if (state.service_bytes == 0) return;
  Port& port = m_fabric.m_ports[port_index];
  Queue(port_index, state.service_class).bytes -= state.service_bytes;
  port.queued_bytes -= state.service_bytes;
  --port.queued_frames;
  m_fabric.m_switches[port.owner_switch].used_bytes -= state.service_bytes;
  if (m_pfc != nullptr) {
    m_pfc->Release(state.service_ingress, state.service_class, state.service_bytes);
  }
  state.service_bytes = 0;
}

uint64_t QueuedForwarding::BytesFrom(uint32_t port, uint32_t traffic_class,
                                     uint32_t ingress) const {
  const PortState& state = m_states[port];
  uint64_t bytes = 0;
  for (uint32_t index = m_queues[port * m_classes + traffic_class].head; index != kNoFrame;) {
    const Frame& frame = m_fabric.m_frames[index];
    if (frame.node == ingress) bytes += frame.size_bytes;
    index = frame.next;
  }
  const bool is_served = state.service_class == traffic_class && state.service_ingress == ingress;
  return bytes + (is_served ? state.service_bytes : 0);
}

}  // namespace ddlsim
