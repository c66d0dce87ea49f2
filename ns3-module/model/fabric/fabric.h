// SPDX-License-Identifier: GPL-2.0-only
//
// The packet engine: ports, switches, frames in flight and their time order, for one network
// (later: one partition of it). One event per frame and hop. Nothing is global; several fabrics may
// live in one process, each used by one thread at a time.
//
// Invariants (docs/ARCHITECTURE.md gives the reasons):
//  1. Time is integer picoseconds; durations are rounded by SerializationPs alone.
//  2. Events of one time are ordered by their class and a fact local to their node: EventClass.
//  3. A port is a FIFO; a shared buffer is state of its switch.
//  4. Hosts see the fabric through HostLogic and TransmitFromHost alone.
//  5. Every link has a delay above zero.
//  6. Random draws are functions of (seed, link, flow, transmission).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fabric/event-wheel.h"
#include "fabric/fabric-config.h"
#include "fabric/frame.h"
#include "fabric/network-graph.h"
#include "fabric/packet-observer.h"
#include "fabric/path-choice.h"
#include "fabric/port.h"
#include "fabric/queued-forwarding.h"
#include "fabric/routing.h"
#include "fabric/telemetry.h"
#include "fabric/time.h"

namespace ddlsim {

// The order among events of one time, in the three upper bits of Event::key; below it a local fact.
enum class EventClass : uint32_t {
  kOutside = 0,         // changes from outside
  kTransmitted = 1,     // a message's last byte has left: host
  kPortFree = 2,        // a port can take the next frame: its number, for a host's the host's
  kSwitchEgress = 3,    // a frame has passed a switch: ingress link
  kSwitchArrival = 4,   // ingress link (the number of the port at its far end)
  kHostArrival = 5,     // the same at a host; told apart for the sake of branch prediction
  kQueuePairTimer = 6,  // peer and channel
  kHostTimer = 7,       // chosen by the caller of Transport::SetTimer
};
constexpr uint32_t kEventFactBits = 29;
inline uint32_t EventKey(EventClass event_class, uint32_t fact) {
  return static_cast<uint32_t>(event_class) << kEventFactBits | fact;
}

// What the fabric calls at the hosts. `time` is Fabric::NowPs().
class HostLogic {
 public:
  virtual ~HostLogic() = default;
  // A frame has arrived; the callee owns it from here on.
  virtual void OnFrame(uint32_t host, uint32_t frame) = 0;
  virtual void OnPortFree(uint32_t host) = 0;
  // A traffic class that flow control held back may go again.
  virtual void OnResume(uint32_t /*host*/) {}
  virtual void OnTransmitted(uint32_t host, uint32_t ref) = 0;
  virtual void OnQueuePairTimer(uint32_t ref) = 0;
  virtual void OnHostTimer(uint32_t ref) = 0;
  // A foreign frame will not arrive: a full buffer dropped it, or else a link lost
  // it. The fabric frees it after the call.
  virtual void OnForeignGone(uint32_t /*frame*/, bool /*is_dropped*/) {}
  // Touches memory that an event at a host will need (prefetch); `fact` as in its key. Optional.
  virtual void Prefetch(EventClass, uint32_t /*fact*/, uint32_t /*ref*/) {}
};

struct FabricCounters {
  uint64_t events = 0;
  uint64_t data_packet_hops = 0;  // data frames put on a link
  uint64_t frame_hops = 0;        // all frames put on a link
  uint64_t injected_frames = 0;   // by hosts
  uint64_t delivered_frames = 0;  // to hosts
  uint64_t dropped_frames = 0;    // buffer full
  uint64_t lost_frames = 0;       // link errors
  uint64_t ecn_marked_frames = 0;
  uint64_t trimmed_frames = 0;
  uint64_t pause_frames = 0;  // made by flow control; in frame_hops too
  uint64_t pause_frames_received = 0;
};

class Fabric {
 public:
  // `graph` must be canonical. `hosts` outlives the fabric.
  Fabric(const NetworkGraph& graph, const FabricConfig& config);
  void SetHostLogic(HostLogic* hosts) { m_hosts = hosts; }
  // Null: none. It outlives the fabric, or is taken away.
  void SetPacketObserver(PacketObserver* observer) { m_observer = observer; }

  bool HasTrimming() const { return m_config.trims; }
  uint64_t NowPs() const { return m_now_ps; }
  // Executes events before `limit_ps` in order. LowerLimit() from within ends the run earlier.
  void RunUntil(uint64_t limit_ps);
  void LowerLimit(uint64_t limit_ps) { m_limit_ps = limit_ps < m_limit_ps ? limit_ps : m_limit_ps; }
  // Makes RunUntil() return once this many events have been executed in all, so that a caller can
  // look around (progress, interrupts); no result depends on it.
  void PauseAt(uint64_t events) { m_pause_events = events; }
  bool IsPaused() const { return m_events >= m_pause_events; }
  // Moves the clock forward without events (to the time of an outside event).
  void AdvanceTo(uint64_t now_ps) { m_now_ps = now_ps > m_now_ps ? now_ps : m_now_ps; }
  // Time of the next event, or kNeverPs.
  uint64_t NextEventPs() { return m_wheel.NextTimePs(); }
  bool Idle() const { return m_wheel.Empty(); }
  uint64_t Events() const { return m_events; }

  void Schedule(uint64_t time_ps, EventClass event_class, uint32_t fact, uint32_t ref) {
    m_wheel.Push(time_ps, EventKey(event_class, fact), ref);
  }

  FramePool& Frames() { return m_frames; }
  // The port of a host's NIC is the host's number.
  bool IsPortFree(uint32_t host) const { return m_ports[host].busy_until_ps <= m_now_ps; }
  uint64_t PortBusyUntilPs(uint32_t host) const { return m_ports[host].busy_until_ps; }
  void PrefetchPort(uint32_t port) const { __builtin_prefetch(&m_ports[port], 1); }
  // Queues a frame on the host's port, behind what is there, and gives it to the fabric.
  void TransmitFromHost(uint32_t host, uint32_t frame);

  // One hop of a path, for windows and ideal times.
  struct Hop {
    uint64_t rate_bps = 0;
    uint64_t delay_ps = 0;
    uint64_t latency_ps = 0;         // of the switch that the hop leads into, 0 for a host
    uint32_t cut_through_bytes = 0;  // of that switch
  };
  // The links that a flow with this hash takes from host to host while all links are intact. Throws
  // std::logic_error where there is no path (a canonical graph has one).
  std::vector<Hop> Path(uint32_t src_host, uint32_t dst_host, uint32_t flow_hash) const;

  const NetworkGraph& Graph() const { return m_graph; }
  uint32_t HostCount() const { return m_graph.HostCount(); }
  uint64_t HostKey(uint32_t host) const { return m_host_keys[host]; }
  uint64_t Seed() const { return m_config.seed; }
  FabricCounters Counters() const;  // sums over the ports
  const std::vector<Port>& Ports() const { return m_ports; }
  const std::vector<PortDetail>& PortDetails() const { return m_details; }
  // A host's NIC sends a pause frame, as one does that cannot keep up (with flow control only).
  void InjectPause(uint32_t host, uint32_t traffic_class, uint32_t quanta) {
    m_queues->PauseFromHost(host, traffic_class, quanta, m_injected_pauses++);
  }
  // The cable of a port dies, or lives again, at `time_ps`. Before anything is simulated.
  void PlanLinkChange(uint32_t port, uint64_t time_ps, bool is_up);
  // Frame bytes in a switch port's queue now, the one in service included.
  uint64_t QueuedBytes(uint32_t port);
  // Whether flow control holds back a host's traffic of a class.
  bool IsHostPaused(uint32_t host, uint32_t traffic_class) const {
    return m_queues != nullptr && m_queues->IsPaused(host, traffic_class);
  }
  // Priority-based flow control, or nullptr.
  const FlowControl* Pfc() const { return m_queues != nullptr ? m_queues->Pfc() : nullptr; }
  // With FabricConfig::has_telemetry: to be called for a data frame before it is sent, and what has
  // been noted about a frame that has come.
  void BeginTelemetry(uint32_t frame) { m_telemetry.Begin(frame); }
  const Telemetry& TelemetryOf(uint32_t frame) const { return m_telemetry[frame]; }
  bool HasTelemetry() const { return m_config.has_telemetry; }

 private:
  friend class QueuedForwarding;
  friend class FlowControl;

  struct alignas(64) Switch {
    uint64_t used_bytes = 0;  // of the shared buffer, at most: ports settle lazily
    uint64_t buffer_bytes = 0;
    uint64_t latency_ps = 0;
    SwitchRoutes routes;
    uint64_t multiplier = 0;  // odd; makes path selection differ from switch to switch
    uint32_t first_port = 0;
    uint32_t port_count = 0;
  };

  enum OutsideEvent : uint32_t { kLinkChanges, kRoutesConverge };
  struct LinkChange {
    uint32_t port;
    bool is_up;
  };

  void OnOutside(uint32_t fact, uint32_t ref);
  bool WasCut(uint32_t port, uint32_t size_bytes) const;
  void BuildRoutingTables();
  void BuildPorts();
  void BuildSwitches();
  void ConfigureEcn();
  static const RouteEntry& RouteIn(const RoutingTables& tables, const SwitchRoutes& routes,
                                   uint32_t dst_host);
  const RouteEntry& RouteTo(const Switch& sw, uint32_t dst_host) const {
    return RouteIn(m_routes, sw.routes, dst_host);
  }
  static uint32_t Choose(const RoutingTables& tables, const RouteEntry& entry, uint32_t flow_hash,
                         uint64_t multiplier);
  uint32_t Route(const Switch& sw, uint32_t dst_host, uint32_t flow_hash) const;
  uint32_t EgressOf(const Frame& frame);
  uint32_t ChoosePath(const Switch& sw, const Frame& frame);
  uint64_t PassedSwitchPs(uint32_t ingress, uint32_t port, uint32_t size_bytes) const;
  uint64_t TailPs(uint32_t port, uint32_t size_bytes) const;
  void ArriveAtSwitch(uint32_t ingress, uint32_t frame_index);
  void CallHost(const Event& event);
  void LookAhead();
  void ForwardAtSwitch(uint32_t ingress, uint32_t frame_index);
  void Settle(Port& port, uint32_t port_index);
  bool HasRoom(Switch& sw, const Port& port, uint32_t size_bytes);
  static bool FitsBuffer(uint64_t buffer_bytes, uint64_t used_bytes, uint64_t queue_bytes,
                         uint32_t size_bytes, double alpha);
  void MarkIfCongested(uint32_t port_index, uint64_t queue_bytes, Frame& frame);
  uint64_t FinishPs(const Port& port, uint32_t port_index, uint32_t size_bytes,
                    uint64_t earliest_ps) const;
  void QueueBehind(Port& port, uint32_t port_index, Frame& frame, uint64_t finish_ps);
  void Commit(Port& port, uint32_t port_index, uint32_t frame_index, Frame& frame,
              uint64_t finish_ps);
  void Drop(uint32_t port_index, uint32_t frame_index);
  void Lose(uint32_t port_index, uint32_t frame_index);
  void FreeUndelivered(uint32_t frame_index, bool is_dropped);
  bool IsLost(uint32_t port_index, const Frame& frame) const;

  NetworkGraph m_graph;
  FabricConfig m_config;
  HostLogic* m_hosts = nullptr;
  PacketObserver* m_observer = nullptr;
  uint64_t m_now_ps = 0;
  uint64_t m_limit_ps = 0;
  uint64_t m_pause_events = UINT64_MAX;
  EventWheel m_wheel;
  FramePool m_frames;
  std::vector<Port> m_ports;               // hosts' ports first, then each switch's, by far end
  std::vector<DepartureLog> m_departures;  // by port
  std::vector<PortDetail> m_details;
  std::vector<Switch> m_switches;
  RoutingTables m_routes;
  RoutingTables m_intact_routes;  // with link changes: before any of them
  FlowletTable m_flowlets;
  TelemetryTable m_telemetry;
  std::unique_ptr<QueuedForwarding> m_queues;  // where the shortcut does not do
  bool m_has_cut_through = false;
  bool m_is_plain = true;  // neither queues nor link changes
  std::vector<LinkChange> m_link_changes;
  std::vector<uint64_t> m_host_keys;
  uint64_t m_events = 0;
  uint64_t m_injected_frames = 0;
  uint32_t m_injected_pauses = 0;
  uint64_t m_delivered_frames = 0;
};

inline const RouteEntry& Fabric::RouteIn(const RoutingTables& tables, const SwitchRoutes& routes,
                                         uint32_t dst_host) {
  const uint32_t index = (dst_host >> routes.shift) - routes.low;
  const uint32_t clamped = index < routes.size ? index : routes.size;
  return tables.entries[routes.offset + clamped];
}

// The egress port towards a host; equal-cost ports are chosen by the hash of flow and switch. Up or
// down, one port or several: nothing could predict it, so there is no branch on it.
inline uint32_t Fabric::Choose(const RoutingTables& tables, const RouteEntry& entry,
                               uint32_t flow_hash, uint64_t multiplier) {
  if (entry.count == 0) return kNoPort;
  // Multiply-shift hashing with a multiplier of the switch's own (Dietzfelbinger, 1996).
  const uint64_t mixed = (flow_hash * multiplier) >> 32;
  const uint32_t chosen = entry.first + static_cast<uint32_t>((mixed * entry.count) >> 32);
  return entry.is_list != 0 ? tables.port_lists[chosen] : chosen;
}

inline uint32_t Fabric::Route(const Switch& sw, uint32_t dst_host, uint32_t flow_hash) const {
  return Choose(m_routes, RouteTo(sw, dst_host), flow_hash, sw.multiplier);
}

inline uint32_t Fabric::EgressOf(const Frame& frame) {
  const Switch& sw = m_switches[frame.node];
  if (m_config.routing == Routing::kEcmp) return Route(sw, frame.dst_host, frame.flow_hash);
  return ChoosePath(sw, frame);
}

// When a frame queued now has left, at the earliest beginning at `earliest_ps`.
inline uint64_t Fabric::FinishPs(const Port& port, uint32_t port_index, uint32_t size_bytes,
                                 uint64_t earliest_ps) const {
  const uint32_t wire_bytes = size_bytes + kWireOverheadBytes;
  const uint64_t wire_ps = port.ps_per_byte != 0
                               ? uint64_t{port.ps_per_byte} * wire_bytes
                               : SerializationPs(wire_bytes, m_details[port_index].rate_bps);
  return (earliest_ps > port.busy_until_ps ? earliest_ps : port.busy_until_ps) + wire_ps;
}

// Whether a buffer, and a queue's share of it, have room for a frame. Both sums may be too high by
// what ports have not yet settled: then only the exact ones decide.
inline bool Fabric::FitsBuffer(uint64_t buffer_bytes, uint64_t used_bytes, uint64_t queue_bytes,
                               uint32_t size_bytes, double alpha) {
  if (used_bytes + size_bytes > buffer_bytes) return false;
  return alpha == 0 || static_cast<double>(queue_bytes + size_bytes) <=
                           alpha * static_cast<double>(buffer_bytes - used_bytes);
}

// Gives the frame to the wire: its arrival is known at once.
inline void Fabric::Commit(Port& port, uint32_t port_index, uint32_t frame_index, Frame& frame,
                           uint64_t finish_ps) {
  port.busy_until_ps = finish_ps;
  port.tx_bytes += frame.size_bytes;
  port.frame_counts += HasPayload(frame.type) ? (uint64_t{1} << 32) + 1 : 1;
  if (port.has_loss != 0 && IsLost(port_index, frame)) return Lose(port_index, frame_index);
  frame.node = port.peer;
  frame.egress = kNoPort;
  uint64_t arrival_ps = finish_ps + port.delay_ps;
  if (port.cuts_through != 0) arrival_ps -= TailPs(port_index, frame.size_bytes);
  m_wheel.Push(arrival_ps, port.arrival_key, frame_index);
}

}  // namespace ddlsim
