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
#include <string>
#include <vector>

#include "fabric/event-wheel.h"
#include "fabric/frame.h"
#include "fabric/network-graph.h"
#include "fabric/port.h"
#include "fabric/routing.h"
#include "fabric/time.h"

namespace ddlsim {

// The order among events of one time, in the three upper bits of Event::key; below it a local fact.
enum class EventClass : uint32_t {
  kOutside = 0,         // changes from outside
  kTransmitted = 1,     // a message's last byte has left: host
  kPortFree = 2,        // a host's port can take the next frame: host
  kSwitchArrival = 3,   // ingress link (the number of the port at its far end)
  kHostArrival = 4,     // the same at a host; told apart for the sake of branch prediction
  kQueuePairTimer = 5,  // peer and channel
  kHostTimer = 6,       // chosen by the caller of Transport::SetTimer
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
  virtual void OnTransmitted(uint32_t host, uint32_t ref) = 0;
  virtual void OnQueuePairTimer(uint32_t ref) = 0;
  virtual void OnHostTimer(uint32_t ref) = 0;
  // A frame with the flag kForeign will not arrive: a full buffer dropped it, or else a link lost
  // it. The fabric frees it after the call.
  virtual void OnForeignGone(uint32_t /*frame*/, bool /*is_dropped*/) {}
  // Touches memory that an event at a host will need (prefetch); `fact` as in its key. Optional.
  virtual void Prefetch(EventClass, uint32_t /*fact*/, uint32_t /*ref*/) {}
};

// ECN marking at egress, by instantaneous queue length (Zhu et al., "Congestion Control for
// Large-Scale RDMA Deployments", SIGCOMM 2015, section 3.1), linear in the link rate.
struct EcnConfig {
  bool enabled = true;
  // Kmin, Kmax and Pmax as in the configuration that the HPCC authors publish for their DCQCN
  // baseline (Li et al., SIGCOMM 2019): 400 KB, 1,600 KB and 0.2 at 100 Gb/s.
  uint64_t kmin_bytes_per_100g = 400000;
  uint64_t kmax_bytes_per_100g = 1600000;
  double pmax = 0.2;
};

struct FabricConfig {
  uint64_t seed = 1;
  EcnConfig ecn;
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
};

class Fabric {
 public:
  // `graph` must be canonical. `hosts` outlives the fabric.
  Fabric(const NetworkGraph& graph, const FabricConfig& config);
  void SetHostLogic(HostLogic* hosts) { m_hosts = hosts; }

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
    uint64_t latency_ps = 0;  // of the switch that the hop leads into, 0 for a host
  };
  // The links that a flow with this hash takes from host to host. Throws std::logic_error where
  // there is no path (a canonical graph has one).
  std::vector<Hop> Path(uint32_t src_host, uint32_t dst_host, uint32_t flow_hash) const;

  const NetworkGraph& Graph() const { return m_graph; }
  uint32_t HostCount() const { return m_graph.HostCount(); }
  uint64_t HostKey(uint32_t host) const { return m_host_keys[host]; }
  uint64_t Seed() const { return m_config.seed; }
  FabricCounters Counters() const;  // sums over the ports
  const std::vector<Port>& Ports() const { return m_ports; }
  const std::vector<PortDetail>& PortDetails() const { return m_details; }
  // Frame bytes in a switch port's queue now, the one in service included.
  uint64_t QueuedBytes(uint32_t port);

 private:
  struct alignas(64) Switch {
    uint64_t used_bytes = 0;  // of the shared buffer, at most: ports settle lazily
    uint64_t buffer_bytes = 0;
    uint64_t latency_ps = 0;
    SwitchRoutes routes;
    uint64_t multiplier = 0;  // odd; makes path selection differ from switch to switch
    uint32_t first_port = 0;
    uint32_t port_count = 0;
  };

  void BuildPorts();
  void BuildSwitches();
  void ConfigureEcn();
  uint32_t Route(const Switch& sw, uint32_t dst_host, uint32_t flow_hash) const;
  void CallHost(const Event& event);
  void LookAhead();
  void ForwardAtSwitch(uint32_t frame_index);
  void Settle(Port& port, uint32_t port_index);
  bool HasRoom(Switch& sw, uint32_t size_bytes);
  void MarkIfCongested(Port& port, uint32_t port_index, Frame& frame);
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
  std::vector<uint64_t> m_host_keys;
  uint64_t m_events = 0;
  uint64_t m_injected_frames = 0;
  uint64_t m_delivered_frames = 0;
};

// The egress port towards a host; equal-cost ports are chosen by the hash of flow and switch. Up or
// down, one port or several: nothing could predict it, so there is no branch on it.
inline uint32_t Fabric::Route(const Switch& sw, uint32_t dst_host, uint32_t flow_hash) const {
  const uint32_t index = (dst_host >> sw.routes.shift) - sw.routes.low;
  const uint32_t clamped = index < sw.routes.size ? index : sw.routes.size;
  const RouteEntry& entry = m_routes.entries[sw.routes.offset + clamped];
  if (entry.count == 0) return kNoPort;
  // Multiply-shift hashing with a multiplier of the switch's own (Dietzfelbinger, 1996).
  const uint64_t mixed = (flow_hash * sw.multiplier) >> 32;
  const uint32_t chosen = entry.first + static_cast<uint32_t>((mixed * entry.count) >> 32);
  return entry.is_list != 0 ? m_routes.port_lists[chosen] : chosen;
}

}  // namespace ddlsim
