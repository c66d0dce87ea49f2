// SPDX-License-Identifier: GPL-2.0-only
//
// What happens in the packet engine, as ns-3 trace sources. docs/tracing.md lists them.
#ifndef DDL_TRACING_H
#define DDL_TRACING_H

#include <cstdint>
#include <string>
#include <vector>

#include "endpoint/collective-record.h"
#include "fabric/packet-observer.h"
#include "nic/flow-record.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"
#include "replay/operation-record.h"

namespace ddlsim {
class Fabric;
class RdmaNic;
}  // namespace ddlsim

namespace ns3 {
namespace ddl {

/**
 * Connect sinks first, then Attach(): only what has a sink by then is watched, and what is not
 * watched costs nothing. In ddl-scenario and programs on RunScenarioProgram() the object is found
 * as Config::ConnectWithoutContext("/$ns3::ddl::Tracing/PacketSent", MakeCallback(&Sink)), in
 * `before_run`. Sinks may look at what they are given during the call; they must not change it.
 */
class Tracing : public Object,
                public ::ddlsim::PacketObserver,
                public ::ddlsim::FlowObserver,
                public ::ddlsim::CollectiveObserver,
                public ::ddlsim::OperationObserver {
 public:
  static TypeId GetTypeId();

  /** \param time when the first bit leaves, or the last one has arrived */
  typedef void (*PacketAtHost)(uint32_t host, const ::ddlsim::Frame& frame, Time time);
  /** \param node, peer the ends of the link whose port it happened at */
  typedef void (*PacketAtPort)(const std::string& node, const std::string& peer,
                               const ::ddlsim::Frame& frame);
  /** \param quanta of 512 bit times; 0: the class may go again */
  typedef void (*PortPause)(const std::string& node, const std::string& peer,
                            uint32_t traffic_class, uint32_t quanta);
  typedef void (*MessageStart)(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                               uint64_t size_bytes);
  typedef void (*MessageEnd)(const ::ddlsim::FlowRecord& record);
  /** \param timeouts how many in a row */
  typedef void (*QueuePairTimeout)(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                                   uint32_t timeouts);
  /** \param rate_bps of frame bytes */
  typedef void (*QueuePairRate)(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                                double rate_bps);
  typedef void (*QueuePairWindow)(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                                  uint64_t window_bytes);
  typedef void (*CollectiveEnd)(const ::ddlsim::CollectiveRecord& record);
  typedef void (*OperationEnd)(const ::ddlsim::OperationRecord& record);

  /** Whether a sink is connected that needs the events of the observer in question. */
  bool WatchesPackets() const;
  bool WatchesMessages() const;
  bool WatchesCollectives() const { return !m_collective_done.IsEmpty(); }
  bool WatchesOperations() const { return !m_operation_done.IsEmpty(); }

  /** What names and queue pairs are read from; both outlive the trace sources' use. */
  void SetNetwork(const ::ddlsim::Fabric& fabric, const ::ddlsim::RdmaNic& nic);
  /** SetNetwork(), and becomes the observer of both where a sink is connected. */
  void Attach(::ddlsim::Fabric& fabric, ::ddlsim::RdmaNic& nic);

  // Observers.
  void OnSent(uint32_t host, const ::ddlsim::Frame& frame, uint64_t time_ps) override;
  void OnReceived(uint32_t host, const ::ddlsim::Frame& frame, uint64_t time_ps) override;
  void OnDropped(uint32_t port, const ::ddlsim::Frame& frame, uint64_t time_ps) override;
  void OnLost(uint32_t port, const ::ddlsim::Frame& frame, uint64_t time_ps) override;
  void OnMarked(uint32_t port, const ::ddlsim::Frame& frame, uint64_t time_ps) override;
  void OnTrimmed(uint32_t port, const ::ddlsim::Frame& frame, uint64_t time_ps) override;
  void OnPaused(uint32_t port, uint32_t traffic_class, uint32_t quanta, uint64_t time_ps) override;
  void OnFlow(const ::ddlsim::FlowRecord& record) override { m_message_received(record); }
  void OnFlowStart(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                   uint64_t size_bytes) override {
    m_message_sent(src_host, dst_host, channel, size_bytes);
  }
  void OnTimeout(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                 uint32_t timeouts) override {
    m_timeout(src_host, dst_host, channel, timeouts);
  }
  void OnCollective(const ::ddlsim::CollectiveRecord& record) override {
    m_collective_done(record);
  }
  void OnOperation(const ::ddlsim::OperationRecord& record) override { m_operation_done(record); }

 private:
  static TypeId AddPortSources(TypeId tid);
  static TypeId AddMessageSources(TypeId tid);

  struct LastState {
    double rate_bps = 0;
    uint64_t window_bytes = 0;
  };
  using PortCallback =
      TracedCallback<const std::string&, const std::string&, const ::ddlsim::Frame&>;
  void TraceAtPort(const PortCallback& sinks, uint32_t port, const ::ddlsim::Frame& frame) const;
  void PollCongestionControl(const ::ddlsim::Frame& frame);

  const ::ddlsim::Fabric* m_fabric = nullptr;
  const ::ddlsim::RdmaNic* m_nic = nullptr;
  std::vector<LastState> m_last;  // by queue pair

  TracedCallback<uint32_t, const ::ddlsim::Frame&, Time> m_packet_sent;
  TracedCallback<uint32_t, const ::ddlsim::Frame&, Time> m_packet_received;
  TracedCallback<uint32_t, const ::ddlsim::Frame&, Time> m_retransmission;
  TracedCallback<uint32_t, const ::ddlsim::Frame&, Time> m_cnp_sent;
  PortCallback m_packet_dropped;
  PortCallback m_packet_lost;
  PortCallback m_packet_marked;
  PortCallback m_packet_trimmed;
  TracedCallback<const std::string&, const std::string&, uint32_t, uint32_t> m_port_paused;
  TracedCallback<uint32_t, uint32_t, uint32_t, uint64_t> m_message_sent;
  TracedCallback<const ::ddlsim::FlowRecord&> m_message_received;
  TracedCallback<uint32_t, uint32_t, uint32_t, uint32_t> m_timeout;
  TracedCallback<uint32_t, uint32_t, uint32_t, double> m_rate_changed;
  TracedCallback<uint32_t, uint32_t, uint32_t, uint64_t> m_window_changed;
  TracedCallback<const ::ddlsim::CollectiveRecord&> m_collective_done;
  TracedCallback<const ::ddlsim::OperationRecord&> m_operation_done;
};

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_TRACING_H */
