// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-tracing.h"

#include <algorithm>

#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "ns3/trace-source-accessor.h"

namespace ns3 {
namespace ddl {

NS_OBJECT_ENSURE_REGISTERED(Tracing);

namespace {

using ::ddlsim::Frame;
using ::ddlsim::FrameType;

// The sources of single packets.
TypeId AddPacketSources(TypeId tid, const Ptr<const TraceSourceAccessor>& sent,
                        const Ptr<const TraceSourceAccessor>& received,
                        const Ptr<const TraceSourceAccessor>& retransmission,
                        const Ptr<const TraceSourceAccessor>& cnp) {
  const std::string at_host = "ns3::ddl::Tracing::PacketAtHost";
  return tid
      .AddTraceSource("PacketSent",
                      "A host puts a frame on its link: host number, frame (size_bytes counts the "
                      "FCS, without preamble and gap), time at which its first bit leaves, now or "
                      "later.",
                      sent, at_host)
      .AddTraceSource("PacketReceived",
                      "A frame's last bit has arrived at a host: host number, frame (its flags say "
                      "whether a switch marked it), time.",
                      received, at_host)
      .AddTraceSource(
          "Retransmission",
          "A host puts a data frame on its link that it has sent before: as PacketSent.",
          retransmission, at_host)
      .AddTraceSource("CnpSent",
                      "A host puts a congestion notification packet on its link: as PacketSent.",
                      cnp, at_host);
}

}  // namespace

TypeId Tracing::GetTypeId() {
  static TypeId tid = AddMessageSources(AddPortSources(AddPacketSources(
      TypeId("ns3::ddl::Tracing").SetParent<Object>().SetGroupName("Ddl").AddConstructor<Tracing>(),
      MakeTraceSourceAccessor(&Tracing::m_packet_sent),
      MakeTraceSourceAccessor(&Tracing::m_packet_received),
      MakeTraceSourceAccessor(&Tracing::m_retransmission),
      MakeTraceSourceAccessor(&Tracing::m_cnp_sent))));
  return tid;
}

// The sources of switches' ports.
TypeId Tracing::AddPortSources(TypeId tid) {
  return tid
      .AddTraceSource("PacketDropped",
                      "No room in a switch's buffer: switch, node at the far end of the port, "
                      "frame.",
                      MakeTraceSourceAccessor(&Tracing::m_packet_dropped),
                      "ns3::ddl::Tracing::PacketAtPort")
      .AddTraceSource("PacketLost",
                      "Lost to a link error, noticed when the frame is committed to the link: "
                      "node, node at the far end, frame.",
                      MakeTraceSourceAccessor(&Tracing::m_packet_lost),
                      "ns3::ddl::Tracing::PacketAtPort")
      .AddTraceSource("PacketMarked",
                      "ECN: congestion experienced at a queue: switch, node at the far end of "
                      "the port, frame.",
                      MakeTraceSourceAccessor(&Tracing::m_packet_marked),
                      "ns3::ddl::Tracing::PacketAtPort")
      .AddTraceSource("PacketTrimmed",
                      "A queue without room has cut off a packet's payload; switch, node at "
                      "the far end, frame.",
                      MakeTraceSourceAccessor(&Tracing::m_packet_trimmed),
                      "ns3::ddl::Tracing::PacketAtPort")
      .AddTraceSource("PortPaused",
                      "A pause frame of flow control has arrived at the node whose port it "
                      "holds back; node, node at the far end, traffic class, pause [512 bit "
                      "times; 0: it may go again].",
                      MakeTraceSourceAccessor(&Tracing::m_port_paused),
                      "ns3::ddl::Tracing::PortPause");
}

// The sources of whole messages, queue pairs, collectives and operations.
TypeId Tracing::AddMessageSources(TypeId tid) {
  return tid
      .AddTraceSource("MessageSent",
                      "A message is handed to its NIC: sending and receiving host, channel, "
                      "payload [bytes].",
                      MakeTraceSourceAccessor(&Tracing::m_message_sent),
                      "ns3::ddl::Tracing::MessageStart")
      .AddTraceSource("MessageReceived",
                      "The last byte of a message has arrived, the flow is complete: record "
                      "with times [ps] and sizes [bytes].",
                      MakeTraceSourceAccessor(&Tracing::m_message_received),
                      "ns3::ddl::Tracing::MessageEnd")
      .AddTraceSource("Timeout",
                      "A retransmission timeout: sending and receiving host, channel, how many "
                      "in a row.",
                      MakeTraceSourceAccessor(&Tracing::m_timeout),
                      "ns3::ddl::Tracing::QueuePairTimeout")
      .AddTraceSource("RateChanged",
                      "The rate that congestion control sets differs from that at the queue "
                      "pair's data packet before; asked at each one sent: sending and "
                      "receiving host, channel, rate [bit/s of frame bytes].",
                      MakeTraceSourceAccessor(&Tracing::m_rate_changed),
                      "ns3::ddl::Tracing::QueuePairRate")
      .AddTraceSource("WindowChanged",
                      "The same of the window, the transport's or congestion control's, "
                      "whichever is less: hosts, channel, window [bytes].",
                      MakeTraceSourceAccessor(&Tracing::m_window_changed),
                      "ns3::ddl::Tracing::QueuePairWindow")
      .AddTraceSource(
          "CollectiveDone", "The last rank has finished a collective: record with times [ps].",
          MakeTraceSourceAccessor(&Tracing::m_collective_done), "ns3::ddl::Tracing::CollectiveEnd")
      .AddTraceSource("OperationDone",
                      "A node of a rank's execution graph is complete: record with times [ps].",
                      MakeTraceSourceAccessor(&Tracing::m_operation_done),
                      "ns3::ddl::Tracing::OperationEnd");
}

bool Tracing::WatchesPackets() const {
  return !(m_packet_sent.IsEmpty() && m_packet_received.IsEmpty() && m_retransmission.IsEmpty() &&
           m_cnp_sent.IsEmpty() && m_packet_dropped.IsEmpty() && m_packet_lost.IsEmpty() &&
           m_packet_marked.IsEmpty() && m_packet_trimmed.IsEmpty() && m_port_paused.IsEmpty() &&
           m_rate_changed.IsEmpty() && m_window_changed.IsEmpty());
}

bool Tracing::WatchesMessages() const {
  return !(m_message_sent.IsEmpty() && m_message_received.IsEmpty() && m_timeout.IsEmpty());
}

void Tracing::SetNetwork(const ::ddlsim::Fabric& fabric, const ::ddlsim::RdmaNic& nic) {
  m_fabric = &fabric;
  m_nic = &nic;
}

void Tracing::Attach(::ddlsim::Fabric& fabric, ::ddlsim::RdmaNic& nic) {
  SetNetwork(fabric, nic);
  if (WatchesPackets()) fabric.SetPacketObserver(this);
  if (WatchesMessages()) nic.SetFlowObserver(this);
}

void Tracing::OnSent(uint32_t host, const Frame& frame, uint64_t time_ps) {
  const Time time = PicoSeconds(time_ps);
  m_packet_sent(host, frame, time);
  if (frame.type == FrameType::kCnp) m_cnp_sent(host, frame, time);
  if (frame.type != FrameType::kData) return;
  if ((frame.flags & ::ddlsim::kRetransmission) != 0) m_retransmission(host, frame, time);
  if (!m_rate_changed.IsEmpty() || !m_window_changed.IsEmpty()) PollCongestionControl(frame);
}

void Tracing::PollCongestionControl(const Frame& frame) {
  const uint32_t index = frame.queue_pair;  // both ends have the same
  if (index >= m_last.size()) m_last.resize(index + 1);
  LastState& last = m_last[index];
  const ::ddlsim::SendQueuePair& qp = m_nic->QueuePair(index);
  LastState now{0, qp.window_bytes};
  if (qp.congestion_control != nullptr) {
    const uint64_t now_ps = m_fabric->NowPs();
    now.rate_bps = qp.congestion_control->RateBps(now_ps);
    now.window_bytes = std::min(now.window_bytes, qp.congestion_control->WindowBytes(now_ps));
  }
  if (now.rate_bps != last.rate_bps) {
    m_rate_changed(qp.src_host, qp.dst_host, qp.channel, now.rate_bps);
  }
  if (now.window_bytes != last.window_bytes) {
    m_window_changed(qp.src_host, qp.dst_host, qp.channel, now.window_bytes);
  }
  last = now;
}

void Tracing::OnReceived(uint32_t host, const Frame& frame, uint64_t time_ps) {
  m_packet_received(host, frame, PicoSeconds(time_ps));
}

void Tracing::TraceAtPort(const PortCallback& sinks, uint32_t port, const Frame& frame) const {
  const ::ddlsim::PortDetail& detail = m_fabric->PortDetails()[port];
  const std::vector<::ddlsim::GraphNodeInfo>& nodes = m_fabric->Graph().Nodes();
  sinks(nodes[detail.from].name, nodes[detail.to].name, frame);
}

void Tracing::OnDropped(uint32_t port, const Frame& frame, uint64_t) {
  TraceAtPort(m_packet_dropped, port, frame);
}

void Tracing::OnLost(uint32_t port, const Frame& frame, uint64_t) {
  TraceAtPort(m_packet_lost, port, frame);
}

void Tracing::OnMarked(uint32_t port, const Frame& frame, uint64_t) {
  TraceAtPort(m_packet_marked, port, frame);
}

void Tracing::OnTrimmed(uint32_t port, const Frame& frame, uint64_t) {
  TraceAtPort(m_packet_trimmed, port, frame);
}

void Tracing::OnPaused(uint32_t port, uint32_t traffic_class, uint32_t quanta, uint64_t) {
  const auto& nodes = m_fabric->Graph().Nodes();
  const ::ddlsim::PortDetail& detail = m_fabric->PortDetails()[port];
  m_port_paused(nodes[detail.from].name, nodes[detail.to].name, traffic_class, quanta);
}

}  // namespace ddl
}  // namespace ns3
