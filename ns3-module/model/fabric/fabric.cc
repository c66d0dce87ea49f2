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
constexpr size_t kPortAhead = 5;

constexpr uint32_t kFactMask = (1u << kEventFactBits) - 1;

inline EventClass ClassOf(const Event& event) {
  return static_cast<EventClass>(event.key >> kEventFactBits);
}

}  // namespace

void Fabric::RunUntil(uint64_t limit_ps) {
  m_limit_ps = limit_ps;
  while (const Event* next = m_wheel.Peek(m_limit_ps)) {
    const Event event = *next;
    m_wheel.Pop();
    LookAhead();
    m_now_ps = event.time_ps;
    ++m_counters.events;
    switch (ClassOf(event)) {
      case EventClass::kArrival:
        OnArrival(event.ref);
        break;
      case EventClass::kPortFree:
        m_hosts->OnPortFree(event.key & kFactMask);
        break;
      case EventClass::kTransmitted:
        m_hosts->OnTransmitted(event.key & kFactMask, event.ref);
        break;
      case EventClass::kQueuePairTimer:
        m_hosts->OnQueuePairTimer(event.ref);
        break;
      case EventClass::kHostTimer:
        m_hosts->OnHostTimer(event.ref);
        break;
      case EventClass::kOutside:
        break;
    }
    if (m_counters.events >= m_pause_events) return;
  }
}

uint64_t Fabric::NextEventPs() {
  const Event* next = m_wheel.Peek(kNeverPs);
  return next == nullptr ? kNeverPs : next->time_ps;
}

// Memory misses dominate at scale; the wheel knows what comes, so they can overlap.
inline void Fabric::LookAhead() {
  if (const Event* far = m_wheel.Ahead(kFrameAhead)) {
    if (ClassOf(*far) == EventClass::kArrival) {
      __builtin_prefetch(&m_frames[far->ref], 1);
    } else {
      m_hosts->Prefetch(ClassOf(*far), far->key & kFactMask, far->ref);
    }
  }
  const Event* near = m_wheel.Ahead(kPortAhead);
  if (near == nullptr || ClassOf(*near) != EventClass::kArrival) return;
  Frame& frame = m_frames[near->ref];
  if ((frame.node & kHostBit) != 0) {
    m_hosts->Prefetch(EventClass::kArrival, frame.node & ~kHostBit, near->ref);
    return;
  }
  frame.egress = Route(m_switches[frame.node], frame.dst_host, frame.flow_hash);
  if (frame.egress != kNoPort) __builtin_prefetch(&m_ports[frame.egress], 1);
}

inline void Fabric::OnArrival(uint32_t frame_index) {
  Frame& frame = m_frames[frame_index];
  if ((frame.node & kHostBit) != 0) {
    ++m_counters.delivered_frames;
    m_hosts->OnFrame(frame.node & ~kHostBit, frame_index);
    return;
  }
  ForwardAtSwitch(m_switches[frame.node], frame_index, frame);
}

void Fabric::ForwardAtSwitch(Switch& sw, uint32_t frame_index, Frame& frame) {
  uint32_t port_index = frame.egress;
  if (port_index == kNoPort) port_index = Route(sw, frame.dst_host, frame.flow_hash);
  Port& port = m_ports[port_index];
  Settle(port, port_index);
  if (sw.used_bytes + frame.size_bytes > sw.buffer_bytes && !HasRoom(sw, frame.size_bytes)) {
    PortDetail& detail = m_details[port_index];
    ++detail.dropped_frames;
    detail.dropped_bytes += frame.size_bytes;
    ++m_counters.dropped_frames;
    m_frames.Free(frame_index);
    return;
  }
  if (port.queued_bytes > port.ecn_min_bytes) MarkIfCongested(port, port_index, frame);
  sw.used_bytes += frame.size_bytes;
  Commit(port, port_index, frame_index, frame, m_now_ps + sw.latency_ps);
}

void Fabric::TransmitFromHost(uint32_t host, uint32_t frame_index) {
  Port& port = m_ports[host];
  Settle(port, host);
  ++m_counters.injected_frames;
  Commit(port, host, frame_index, m_frames[frame_index], m_now_ps);
}

// Takes from the port's queue what has left by now. An idle port needs no look at the log.
inline void Fabric::Settle(Port& port, uint32_t port_index) {
  if (port.queued_frames == 0) return;
  uint32_t gone_bytes;
  if (port.busy_until_ps <= m_now_ps) {
    gone_bytes = port.queued_bytes;
    if (port.queued_frames > 1) m_details[port_index].departures.Clear();
    port.queued_frames = 0;
  } else {
    if (port.queued_frames == 1) return;
    uint32_t gone_frames = 0;
    gone_bytes = m_details[port_index].departures.PopUntil(m_now_ps, gone_frames);
    port.queued_frames -= gone_frames;
    if (port.queued_frames == 1) m_details[port_index].departures.Clear();
  }
  port.queued_bytes -= gone_bytes;
  if (port.owner_switch != kNoSwitch) m_switches[port.owner_switch].used_bytes -= gone_bytes;
}

// The sum of what ports have not yet settled is an upper bound; only when it exceeds the buffer
// does the exact sum matter.
bool Fabric::HasRoom(Switch& sw, uint32_t size_bytes) {
  for (uint32_t i = sw.first_port; i < sw.first_port + sw.port_count; ++i) Settle(m_ports[i], i);
  return sw.used_bytes + size_bytes <= sw.buffer_bytes;
}

// Data above Kmin is marked with a probability that grows to Pmax at Kmax, beyond it always.
void Fabric::MarkIfCongested(Port& port, uint32_t port_index, Frame& frame) {
  if (frame.type != FrameType::kData || (frame.flags & kEcnMarked) != 0) return;
  PortDetail& detail = m_details[port_index];
  if (port.queued_bytes <= detail.ecn_max_bytes) {
    const double share = static_cast<double>(port.queued_bytes - port.ecn_min_bytes) /
                         static_cast<double>(detail.ecn_max_bytes - port.ecn_min_bytes);
    const uint64_t stream = CombineKeys(detail.name_key ^ 1, frame.flow_hash);
    const uint64_t draw = Draw(m_config.seed, stream, frame.transmission);
    if (draw >= ProbabilityThreshold(share * detail.ecn_probability)) return;
  }
  frame.flags |= kEcnMarked;
  ++detail.ecn_marked_frames;
  ++m_counters.ecn_marked_frames;
}

// Appends the frame to the port's queue: its departure, and so its arrival, are known at once.
inline void Fabric::Commit(Port& port, uint32_t port_index, uint32_t frame_index, Frame& frame,
                           uint64_t earliest_ps) {
  const uint32_t size_bytes = frame.size_bytes;
  const uint32_t wire_bytes = size_bytes + kWireOverheadBytes;
  const uint64_t wire_ps = port.ps_per_byte != 0
                               ? uint64_t{port.ps_per_byte} * wire_bytes
                               : SerializationPs(wire_bytes, m_details[port_index].rate_bps);
  const uint64_t start_ps = earliest_ps > port.busy_until_ps ? earliest_ps : port.busy_until_ps;
  const uint64_t finish_ps = start_ps + wire_ps;
  if (port.queued_frames > 0) {
    DepartureLog& log = m_details[port_index].departures;
    if (port.queued_frames == 1) log.Push(port.busy_until_ps, port.queued_bytes);
    log.Push(finish_ps, size_bytes);
  }
  port.busy_until_ps = finish_ps;
  ++port.queued_frames;
  port.queued_bytes += size_bytes;
  if (port.queued_bytes > port.max_queued_bytes) port.max_queued_bytes = port.queued_bytes;
  port.tx_bytes += size_bytes;
  const uint32_t is_data = frame.type == FrameType::kData ? 1 : 0;
  port.data_frames += is_data;
  port.ack_frames += 1 - is_data;
  m_counters.data_packet_hops += is_data;
  ++m_counters.frame_hops;
  if (port.has_loss != 0 && IsLost(port_index, frame)) return Lose(port_index, frame_index);
  frame.node = port.peer;
  frame.egress = kNoPort;
  m_wheel.Push(finish_ps + port.delay_ps, EventKey(EventClass::kArrival, port_index), frame_index);
}

bool Fabric::IsLost(uint32_t port_index, const Frame& frame) const {
  const PortDetail& detail = m_details[port_index];
  if (detail.loss_threshold == UINT64_MAX) return true;
  // The type keeps the streams of a flow's data and of its acknowledgements apart.
  const uint64_t stream = CombineKeys(
      detail.name_key, uint64_t{frame.flow_hash} << 8 | static_cast<uint64_t>(frame.type));
  return Draw(m_config.seed, stream, frame.transmission) < detail.loss_threshold;
}

// The frame has been on the wire, and nobody receives it.
void Fabric::Lose(uint32_t port_index, uint32_t frame_index) {
  ++m_details[port_index].lost_frames;
  ++m_counters.lost_frames;
  m_frames.Free(frame_index);
}

uint64_t Fabric::QueuedBytes(uint32_t port_index) {
  Settle(m_ports[port_index], port_index);
  return m_ports[port_index].queued_bytes;
}

}  // namespace ddlsim
