// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-net-device.h"

#include "ddl-ethernet-frame.h"
#include "ddl-fabric-channel.h"
#include "fabric/fabric.h"
#include "fabric/random.h"
#include "nic/rdma-nic.h"
#include "ns3/ethernet-header.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

namespace ns3 {
namespace ddl {

NS_LOG_COMPONENT_DEFINE("DdlNetDevice");
NS_OBJECT_ENSURE_REGISTERED(NetDevice);

namespace {

constexpr uint32_t kMtuMin = 68;     // RFC 791
constexpr uint32_t kMtuMax = 65000;  // a frame's size has 16 bits

}  // namespace

TypeId NetDevice::GetTypeId() {
  static TypeId tid =
      TypeId("ns3::ddl::NetDevice")
          .SetParent<ns3::NetDevice>()
          .SetGroupName("Ddl")
          .AddConstructor<NetDevice>()
          .AddAttribute("Mtu", "Largest packet without Ethernet header and FCS [bytes].",
                        UintegerValue(9000),
                        MakeUintegerAccessor(&NetDevice::SetMtu, &NetDevice::GetMtu),
                        MakeUintegerChecker<uint16_t>(kMtuMin, kMtuMax))
          .AddAttribute("Address", "The device's own Ethernet address.",
                        Mac48AddressValue(Mac48Address("02:00:00:00:00:00")),
                        MakeMac48AddressAccessor(&NetDevice::m_address), MakeMac48AddressChecker())
          .AddAttribute("TxQueue", "Packets that wait for the port [ns3::Queue<Packet>].",
                        PointerValue(),
                        MakePointerAccessor(&NetDevice::SetQueue, &NetDevice::GetQueue),
                        MakePointerChecker<Queue<Packet>>())
          .AddAttribute("ReceiveErrorModel", "Drops arriving packets, beside the fabric's loss.",
                        PointerValue(), MakePointerAccessor(&NetDevice::m_receive_error_model),
                        MakePointerChecker<ErrorModel>())
          .AddTraceSource("MacTx", "The upper layer hands over a packet.",
                          MakeTraceSourceAccessor(&NetDevice::m_mac_tx_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("MacTxDrop",
                          "A packet dropped before transmission: TxQueue full, larger than the "
                          "MTU, or to an address that no device has.",
                          MakeTraceSourceAccessor(&NetDevice::m_mac_tx_drop_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("MacPromiscRx", "A packet arrived, for this device or for another.",
                          MakeTraceSourceAccessor(&NetDevice::m_mac_promisc_rx_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("MacRx", "A packet for this device, a group or all goes up.",
                          MakeTraceSourceAccessor(&NetDevice::m_mac_rx_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("PhyTxBegin", "The port takes the packet.",
                          MakeTraceSourceAccessor(&NetDevice::m_phy_tx_begin_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("PhyTxEnd", "The packet's last bit has left the port.",
                          MakeTraceSourceAccessor(&NetDevice::m_phy_tx_end_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("PhyRxEnd", "The packet's last bit has arrived.",
                          MakeTraceSourceAccessor(&NetDevice::m_phy_rx_end_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("PhyRxDrop", "The ReceiveErrorModel dropped the packet.",
                          MakeTraceSourceAccessor(&NetDevice::m_phy_rx_drop_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("Sniffer", "Packets of this device, with the Ethernet header.",
                          MakeTraceSourceAccessor(&NetDevice::m_sniffer_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("PromiscSniffer", "Packets at this device, with the Ethernet header.",
                          MakeTraceSourceAccessor(&NetDevice::m_promisc_sniffer_trace),
                          "ns3::Packet::TracedCallback");
  return tid;
}

NetDevice::NetDevice() = default;
NetDevice::~NetDevice() = default;

void NetDevice::DoDispose() {
  m_node = nullptr;
  m_channel = nullptr;
  m_queue = nullptr;
  m_receive_error_model = nullptr;
  m_flooded = nullptr;
  m_transmitting = nullptr;
  m_receive_callback.Nullify();
  m_promisc_callback.Nullify();
  ns3::NetDevice::DoDispose();
}

void NetDevice::Attach(Ptr<FabricChannel> channel, uint32_t host) {
  m_host = host;
  channel->Add(this);
  m_channel = channel;
  m_link_change_callbacks();
}

Ptr<ns3::Channel> NetDevice::GetChannel() const {
  return m_channel;
}

void NetDevice::SetAddress(Address address) {
  m_address = Mac48Address::ConvertFrom(address);
  if (m_channel != nullptr) m_channel->Reindex();
}

bool NetDevice::SetMtu(const uint16_t mtu) {
  if (mtu < kMtuMin || mtu > kMtuMax) return false;
  m_mtu = mtu;
  return true;
}

void NetDevice::AddLinkChangeCallback(Callback<void> callback) {
  m_link_change_callbacks.ConnectWithoutContext(callback);
}

Address NetDevice::GetMulticast(Ipv4Address group) const {
  return Mac48Address::GetMulticast(group);
}

Address NetDevice::GetMulticast(Ipv6Address group) const {
  return Mac48Address::GetMulticast(group);
}

bool NetDevice::Send(Ptr<Packet> packet, const Address& dest, uint16_t protocol) {
  return SendFrom(packet, m_address, dest, protocol);
}

bool NetDevice::IsReachable(Mac48Address dest) const {
  if (dest.IsGroup()) return m_channel->GetNDevices() > 1;
  const int64_t host = m_channel->HostOf(dest);
  return host >= 0 && host != m_host;
}

bool NetDevice::SendFrom(Ptr<Packet> packet, const Address& source, const Address& dest,
                         uint16_t protocol) {
  const Mac48Address to = Mac48Address::ConvertFrom(dest);
  const bool fits = packet->GetSize() <= m_mtu;
  EthernetHeader header(false);
  header.SetSource(Mac48Address::ConvertFrom(source));
  header.SetDestination(to);
  header.SetLengthType(protocol);
  packet->AddHeader(header);
  m_mac_tx_trace(packet);
  if (!IsLinkUp() || !fits || !IsReachable(to)) {
    NS_LOG_LOGIC("dropped a packet to " << to);
    m_mac_tx_drop_trace(packet);
    return false;
  }
  if (!m_queue->Enqueue(packet)) {
    m_mac_tx_drop_trace(packet);
    return false;
  }
  // Within NextFrame() the port asks again by itself.
  if (!m_is_pulled) m_channel->GetNic()->OfferForeign(m_host);
  return true;
}

bool NetDevice::HasFrame() const {
  return m_flooded != nullptr || !m_queue->IsEmpty();
}

// The first device of the channel, from this index on, that is not this one; or their number.
uint32_t NetDevice::NextFloodHost(uint32_t from) const {
  const uint32_t count = static_cast<uint32_t>(m_channel->GetNDevices());
  while (from < count && PeekPointer(m_channel->GetDevice(from)) == this) ++from;
  return from;
}

Ptr<const Packet> NetDevice::NextFrame(::ddlsim::ForeignFrame& frame) {
  m_is_pulled = true;
  Ptr<const Packet> packet = m_flooded;
  if (packet == nullptr) {
    packet = m_queue->Dequeue();
    m_phy_tx_begin_trace(packet);
    m_sniffer_trace(packet);
    m_promisc_sniffer_trace(packet);
    EthernetHeader header(false);
    packet->PeekHeader(header);
    if (header.GetDestination().IsGroup()) {
      m_flooded = packet;
      m_flood_index = NextFloodHost(0);
    } else {
      FillIn(*packet, static_cast<uint32_t>(m_channel->HostOf(header.GetDestination())), frame);
    }
  }
  if (m_flooded != nullptr) {
    const Ptr<ns3::NetDevice> other = m_channel->GetDevice(m_flood_index);
    FillIn(*packet, DynamicCast<NetDevice>(other)->GetHost(), frame);
    m_flood_index = NextFloodHost(m_flood_index + 1);
    if (m_flood_index == m_channel->GetNDevices()) m_flooded = nullptr;
  }
  m_transmitting = packet;
  m_is_pulled = false;
  return packet;
}

void NetDevice::FillIn(const Packet& packet, uint32_t dst_host, ::ddlsim::ForeignFrame& frame) {
  const EthernetFrameFacts facts = ReadEthernetFrame(packet);
  const ::ddlsim::Fabric& fabric = m_channel->GetNic()->GetFabric();
  const uint64_t ends = ::ddlsim::CombineKeys(fabric.HostKey(m_host), fabric.HostKey(dst_host)) ^ 2;
  frame.dst_host = dst_host;
  frame.size_bytes = EthernetFrameBytes(packet.GetSize() - kEthernetHeaderBytes);
  frame.flow_hash = static_cast<uint32_t>(::ddlsim::CombineKeys(ends, facts.flow_key));
  frame.transmission = m_transmissions[frame.flow_hash]++;
  frame.has_payload = facts.has_payload;
  frame.is_ecn_capable = facts.is_ecn_capable;
}

void NetDevice::OnTransmitting(Time end) {
  const Ptr<const Packet> packet = m_transmitting;
  m_transmitting = nullptr;
  if (m_flooded != nullptr || m_phy_tx_end_trace.IsEmpty()) return;
  Simulator::ScheduleWithContext(m_node->GetId(), end - Simulator::Now(),
                                 &NetDevice::EndTransmission, Ptr<NetDevice>(this), packet);
}

void NetDevice::EndTransmission(Ptr<const Packet> packet) {
  m_phy_tx_end_trace(packet);
}

void NetDevice::Receive(Ptr<const Packet> arrived, bool is_marked) {
  Ptr<Packet> packet = is_marked ? MarkCongestionExperienced(*arrived) : arrived->Copy();
  m_phy_rx_end_trace(packet);
  if (m_receive_error_model != nullptr && m_receive_error_model->IsCorrupt(packet)) {
    m_phy_rx_drop_trace(packet);
    return;
  }
  m_promisc_sniffer_trace(packet);
  EthernetHeader header(false);
  packet->PeekHeader(header);
  const Mac48Address to = header.GetDestination();
  const PacketType type = to == m_address    ? PACKET_HOST
                          : to.IsBroadcast() ? PACKET_BROADCAST
                          : to.IsGroup()     ? PACKET_MULTICAST
                                             : PACKET_OTHERHOST;
  if (type != PACKET_OTHERHOST) m_sniffer_trace(packet);
  packet->RemoveHeader(header);
  if (!m_promisc_callback.IsNull()) {
    m_mac_promisc_rx_trace(packet);
    m_promisc_callback(this, packet, header.GetLengthType(), header.GetSource(), to, type);
  }
  if (type == PACKET_OTHERHOST) return;
  m_mac_rx_trace(packet);
  if (m_receive_callback.IsNull()) return;
  m_receive_callback(this, packet, header.GetLengthType(), header.GetSource());
}

}  // namespace ddl
}  // namespace ns3
