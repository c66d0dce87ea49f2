// SPDX-License-Identifier: GPL-2.0-only
//
// The hot path: what happens to a frame at a hop.
#include "fabric/fabric.h"

#include "fabric/random.h"

namespace ddlsim {
namespace {

// Distances, in events, at which memory is asked for ahead of its use. The frame comes first; once
// it is there, its route and the port that it leads to. `bench/README.md` has the measurement.
constexpr size_t kFrameAhead = 12;
constexpr size_t kPortAhead = 6;

// Up to so many cache lines of frames and ports, all of it stays in the second-level cache.
constexpr size_t kInCacheLines = 16384;

constexpr uint32_t kFactMask = (1u << kEventFactBits) - 1;

inline EventClass ClassOf(const Event& event) {
  return static_cast<EventClass>(event.key >> kEventFactBits);
}

}  // namespace

void Fabric::RunUntil(uint64_t limit_ps) {
  m_limit_ps = limit_ps;
  m_is_plain = m_queues == nullptr && m_link_changes.empty();
  Event event;
  while (m_wheel.Next(m_limit_ps, event)) {
    if (m_frames.Size() + m_ports.size() > kInCacheLines) LookAhead();
    m_now_ps = event.time_ps;
    ++m_events;
    if (ClassOf(event) == EventClass::kSwitchArrival) {  // three out of four
      if (m_is_plain) {
        ForwardAtSwitch(event.key & kFactMask, event.ref);
      } else {
        ArriveAtSwitch(event.key & kFactMask, event.ref);
      }
    } else {
      CallHost(event);
    }
    if (m_events >= m_pause_events) return;
  }
}

// The way round the fast path: queues, or links that may be dead.
void Fabric::ArriveAtSwitch(uint32_t ingress, uint32_t frame_index) {
  if (!m_link_changes.empty() && WasCut(ingress, m_frames[frame_index].size_bytes)) {
    return Lose(ingress, frame_index);
  }
  if (m_queues == nullptr) return ForwardAtSwitch(ingress, frame_index);
  m_queues->Arrive(ingress, frame_index);
}

inline void Fabric::CallHost(const Event& event) {
  const uint32_t fact = event.key & kFactMask;
  switch (ClassOf(event)) {
    case EventClass::kHostArrival: {
      if (!m_link_changes.empty() && WasCut(fact, m_frames[event.ref].size_bytes)) {
        return Lose(fact, event.ref);
      }
      if (m_queues != nullptr && m_frames[event.ref].type == FrameType::kPause) {
        return m_queues->OnPauseFrame(fact, event.ref);
      }
      ++m_delivered_frames;
      const Frame& frame = m_frames[event.ref];
      const uint32_t host = frame.node & ~kHostBit;
      if (m_observer != nullptr) m_observer->OnReceived(host, frame, m_now_ps);
      return m_hosts->OnFrame(host, event.ref);
    }
    case EventClass::kPortFree:
      if (m_queues != nullptr && (fact >= HostCount() || event.ref != 0)) {
        return m_queues->OnPortFree(fact, event.ref);
      }
      return m_hosts->OnPortFree(fact);
    case EventClass::kSwitchEgress:
      return m_queues->OnSwitchEgress(fact, event.ref);
    case EventClass::kTransmitted:
      return m_hosts->OnTransmitted(fact, event.ref);
    case EventClass::kQueuePairTimer:
      return m_hosts->OnQueuePairTimer(event.ref);
    case EventClass::kHostTimer:
      return m_hosts->OnHostTimer(event.ref);
    case EventClass::kOutside:
      return OnOutside(fact, event.ref);
    case EventClass::kSwitchArrival:
      return;
  }
}

// Memory misses dominate at scale; the wheel knows what comes, so they can overlap. Small networks
// do without it.
inline void Fabric::LookAhead() {
  if (const Event* far = m_wheel.Ahead(kFrameAhead)) m_frames.Prefetch(far->ref);
  const Event* near = m_wheel.Ahead(kPortAhead);
  if (near == nullptr) return;
  if (ClassOf(*near) != EventClass::kSwitchArrival) {
    if (m_queues != nullptr) return;  // the event may be a switch's
    return m_hosts->Prefetch(ClassOf(*near), near->key & kFactMask, near->ref);
  }
  // Elsewhere the path is chosen on arrival.
  if (m_config.routing != Routing::kEcmp || !m_link_changes.empty()) return;
  Frame& frame = m_frames[near->ref];
  frame.egress = Route(m_switches[frame.node], frame.dst_host, frame.flow_hash);
  if (frame.egress == kNoPort) return;
  __builtin_prefetch(&m_ports[frame.egress], 1);
  __builtin_prefetch(&m_departures[frame.egress], 1);
}

// What has left the port is taken from its queue lazily: at once when the port is idle, which needs
// no look at the departures, else only when a bound is crossed that the exact length may not cross.
inline void Fabric::ForwardAtSwitch(uint32_t ingress, uint32_t frame_index) {
  Frame& frame = m_frames[frame_index];
  Switch& sw = m_switches[frame.node];
  uint32_t port_index = frame.egress;
  if (port_index == kNoPort) {
    port_index = EgressOf(frame);
    if (port_index == kNoPort) return Lose(ingress, frame_index);
  }
  Port& port = m_ports[port_index];
  const uint32_t size_bytes = frame.size_bytes;
  const bool is_busy = port.busy_until_ps > m_now_ps;
  if (!is_busy) {
    sw.used_bytes -= port.queued_bytes;
    port.queued_bytes = 0;
    port.queued_frames = 0;
  }
  if (!FitsBuffer(sw.buffer_bytes, sw.used_bytes, port.queued_bytes, size_bytes,
                  m_config.buffer_alpha) &&
      !HasRoom(sw, port, size_bytes)) {
    return Drop(port_index, frame_index);
  }
  const uint64_t passed_ps = m_has_cut_through ? PassedSwitchPs(ingress, port_index, size_bytes)
                                               : m_now_ps + sw.latency_ps;
  const uint64_t finish_ps = FinishPs(port, port_index, size_bytes, passed_ps);
  if (is_busy) QueueBehind(port, port_index, frame, finish_ps);
  sw.used_bytes += size_bytes;
  port.queued_bytes += size_bytes;
  ++port.queued_frames;
  if (port.queued_bytes > port.max_queued_bytes) port.max_queued_bytes = port.queued_bytes;
  Commit(port, port_index, frame_index, frame, finish_ps);
}

// A host's port has no queue of its own to account for: its NIC holds back what cannot leave.
void Fabric::TransmitFromHost(uint32_t host, uint32_t frame_index) {
  Port& port = m_ports[host];
  Frame& frame = m_frames[frame_index];
  ++m_injected_frames;
  if (m_observer != nullptr) {
    m_observer->OnSent(host, frame, m_now_ps > port.busy_until_ps ? m_now_ps : port.busy_until_ps);
  }
  Commit(port, host, frame_index, frame, FinishPs(port, host, frame.size_bytes, m_now_ps));
}

// Of a frame that has to wait: notes its departure, marks it when the queue is long.
inline void Fabric::QueueBehind(Port& port, uint32_t port_index, Frame& frame, uint64_t finish_ps) {
  DepartureLog& log = m_departures[port_index];
  const uint32_t size_bytes = frame.size_bytes;
  if (port.queued_frames == 1) {
    log.Clear();
    if (log.IsFull()) log.Grow();
    log.Push(port.busy_until_ps, port.queued_bytes);
  }
  if (port.queued_bytes > port.ecn_min_bytes || log.IsFull() ||
      port.queued_bytes + size_bytes > port.max_queued_bytes) {
    Settle(port, port_index);
    if (log.IsFull()) log.Grow();
    if (port.queued_bytes > port.ecn_min_bytes) {
      MarkIfCongested(port_index, port.queued_bytes, frame);
    }
  }
  log.Push(finish_ps, size_bytes);
}

// Takes from the port's queue exactly what has left by now.
void Fabric::Settle(Port& port, uint32_t port_index) {
  uint32_t gone_bytes = port.queued_bytes;
  if (port.busy_until_ps <= m_now_ps) {
    port.queued_frames = 0;
  } else {
    if (port.queued_frames <= 1) return;
    uint32_t gone_frames = 0;
    gone_bytes = m_departures[port_index].PopUntil(m_now_ps, gone_frames);
    port.queued_frames -= gone_frames;
  }
  port.queued_bytes -= gone_bytes;
  if (port.owner_switch != kNoSwitch) m_switches[port.owner_switch].used_bytes -= gone_bytes;
}

bool Fabric::HasRoom(Switch& sw, const Port& port, uint32_t size_bytes) {
  for (uint32_t i = sw.first_port; i < sw.first_port + sw.port_count; ++i) Settle(m_ports[i], i);
  return FitsBuffer(sw.buffer_bytes, sw.used_bytes, port.queued_bytes, size_bytes,
                    m_config.buffer_alpha);
}

void Fabric::Drop(uint32_t port_index, uint32_t frame_index) {
  PortDetail& detail = m_details[port_index];
  ++detail.dropped_frames;
  detail.dropped_bytes += m_frames[frame_index].size_bytes;
  if (m_observer != nullptr) m_observer->OnDropped(port_index, m_frames[frame_index], m_now_ps);
  FreeUndelivered(frame_index, true);
}

void Fabric::FreeUndelivered(uint32_t frame_index, bool is_dropped) {
  if (IsForeign(m_frames[frame_index].type)) m_hosts->OnForeignGone(frame_index, is_dropped);
  m_frames.Free(frame_index);
}

// Data above Kmin is marked with a probability that grows to Pmax at Kmax, beyond it always.
void Fabric::MarkIfCongested(uint32_t port_index, uint64_t queue_bytes, Frame& frame) {
  if (!HasPayload(frame.type) || (frame.flags & kEcnMarked) != 0) return;
  if (IsForeign(frame.type) && (frame.flags & kNotEcnCapable) != 0) return;
  PortDetail& detail = m_details[port_index];
  if (queue_bytes <= detail.ecn_max_bytes) {
    const uint32_t kmin_bytes = m_ports[port_index].ecn_min_bytes;
    const double share = static_cast<double>(queue_bytes - kmin_bytes) /
                         static_cast<double>(detail.ecn_max_bytes - kmin_bytes);
    const uint64_t stream = CombineKeys(detail.name_key ^ 1, frame.flow_hash);
    const uint64_t draw = Draw(m_config.seed, stream, frame.transmission);
    if (draw >= ProbabilityThreshold(share * detail.ecn_probability)) return;
  }
  frame.flags |= kEcnMarked;
  ++detail.ecn_marked_frames;
  if (m_observer != nullptr) m_observer->OnMarked(port_index, frame, m_now_ps);
}

// When a frame that is at a switch now, with its first bytes or its last, may begin to leave. A
// port that is faster than the one it came by would run dry: there the frame waits for its end.
uint64_t Fabric::PassedSwitchPs(uint32_t ingress, uint32_t port, uint32_t size_bytes) const {
  const uint64_t passed_ps = m_now_ps + m_switches[m_ports[port].owner_switch].latency_ps;
  if (m_ports[ingress].cuts_through == 0) return passed_ps;
  const bool would_run_dry = m_details[port].rate_bps > m_details[ingress].rate_bps;
  return would_run_dry ? passed_ps + TailPs(ingress, size_bytes) : passed_ps;
}

// From the arrival of a frame's first bytes at a cut-through switch to that of its last.
uint64_t Fabric::TailPs(uint32_t port, uint32_t size_bytes) const {
  const PortDetail& detail = m_details[port];
  if (size_bytes <= detail.cut_through_bytes) return 0;
  const uint32_t wire_bytes = size_bytes + kWireOverheadBytes;
  // The whole less the head, each rounded as the engine does, so that the end comes when it would.
  return SerializationPs(wire_bytes, detail.rate_bps) -
         SerializationPs(detail.cut_through_bytes + kWireOverheadBytes, detail.rate_bps);
}

bool Fabric::IsLost(uint32_t port_index, const Frame& frame) const {
  const PortDetail& detail = m_details[port_index];
  if (detail.is_down || detail.loss_threshold == UINT64_MAX) return true;
  // The type keeps the streams of a flow's data and of its acknowledgements apart.
  const uint64_t stream = CombineKeys(
      detail.name_key, uint64_t{frame.flow_hash} << 8 | static_cast<uint64_t>(frame.type));
  return Draw(m_config.seed, stream, frame.transmission) < detail.loss_threshold;
}

// The frame has been on the wire, and nobody receives it.
void Fabric::Lose(uint32_t port_index, uint32_t frame_index) {
  ++m_details[port_index].lost_frames;
  if (m_observer != nullptr) m_observer->OnLost(port_index, m_frames[frame_index], m_now_ps);
  FreeUndelivered(frame_index, false);
}

uint64_t Fabric::QueuedBytes(uint32_t port_index) {
  if (m_queues == nullptr) Settle(m_ports[port_index], port_index);
  return m_ports[port_index].queued_bytes;
}

FabricCounters Fabric::Counters() const {
  FabricCounters counters;
  counters.events = m_events;
  counters.injected_frames = m_injected_frames;
  counters.delivered_frames = m_delivered_frames;
  for (size_t i = 0; i < m_ports.size(); ++i) {
    counters.data_packet_hops += m_ports[i].DataFrames();
    counters.frame_hops += m_ports[i].Frames();
    counters.dropped_frames += m_details[i].dropped_frames;
    counters.lost_frames += m_details[i].lost_frames;
    counters.ecn_marked_frames += m_details[i].ecn_marked_frames;
    counters.trimmed_frames += m_details[i].trimmed_frames;
    counters.pause_frames += m_details[i].pause_frames;
    counters.pause_frames_received += m_details[i].pause_frames_received;
  }
  return counters;
}

}  // namespace ddlsim
