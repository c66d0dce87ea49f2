// SPDX-License-Identifier: GPL-2.0-only
//
// A host's network interface as ns-3 sees it: Ethernet over the same port that the host's RDMA
// traffic uses.
#ifndef DDL_NET_DEVICE_H
#define DDL_NET_DEVICE_H

#include <unordered_map>

#include "ns3/error-model.h"
#include "ns3/mac48-address.h"
#include "ns3/net-device.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/queue.h"
#include "ns3/traced-callback.h"

namespace ddlsim {
struct ForeignFrame;
}

namespace ns3 {
namespace ddl {

class FabricChannel;

/**
 * The device's packets wait in its TxQueue until the port takes them, one in turn with one packet
 * of the host's queue pairs. A frame has 14 bytes of header and 4 of FCS, at least 64 in all; the
 * wire adds 20. The switches carry, mark, drop and lose it like any other frame. A packet to all
 * hosts (or to a group) leaves as one copy per other device, since the switches copy nothing.
 *
 * A mark of the fabric becomes Congestion Experienced in an IPv4 header that is ECN-capable.
 */
class NetDevice : public ns3::NetDevice {
 public:
  static TypeId GetTypeId();
  NetDevice();
  ~NetDevice() override;

  /** Joins the device to the port of `host`. The device has its node and queue by then. */
  void Attach(Ptr<FabricChannel> channel, uint32_t host);
  uint32_t GetHost() const { return m_host; }
  void SetQueue(Ptr<Queue<Packet>> queue) { m_queue = queue; }
  Ptr<Queue<Packet>> GetQueue() const { return m_queue; }
  void SetReceiveErrorModel(Ptr<ErrorModel> model) { m_receive_error_model = model; }

  // For the channel.
  bool HasFrame() const;
  Ptr<const Packet> NextFrame(::ddlsim::ForeignFrame& frame);
  void OnTransmitting(Time end);
  void Receive(Ptr<const Packet> packet, bool is_marked);

  // Inherited.
  void SetIfIndex(const uint32_t index) override { m_if_index = index; }
  uint32_t GetIfIndex() const override { return m_if_index; }
  Ptr<ns3::Channel> GetChannel() const override;
  void SetAddress(Address address) override;
  Address GetAddress() const override { return m_address; }
  bool SetMtu(const uint16_t mtu) override;
  uint16_t GetMtu() const override { return m_mtu; }
  bool IsLinkUp() const override { return m_channel != nullptr; }
  void AddLinkChangeCallback(Callback<void> callback) override;
  bool IsBroadcast() const override { return true; }
  Address GetBroadcast() const override { return Mac48Address::GetBroadcast(); }
  bool IsMulticast() const override { return true; }
  Address GetMulticast(Ipv4Address group) const override;
  Address GetMulticast(Ipv6Address group) const override;
  bool IsBridge() const override { return false; }
  bool IsPointToPoint() const override { return false; }
  bool Send(Ptr<Packet> packet, const Address& dest, uint16_t protocol) override;
  bool SendFrom(Ptr<Packet> packet, const Address& source, const Address& dest,
                uint16_t protocol) override;
  Ptr<Node> GetNode() const override { return m_node; }
  void SetNode(Ptr<Node> node) override { m_node = node; }
  bool NeedsArp() const override { return true; }
  void SetReceiveCallback(ReceiveCallback callback) override { m_receive_callback = callback; }
  void SetPromiscReceiveCallback(PromiscReceiveCallback callback) override {
    m_promisc_callback = callback;
  }
  bool SupportsSendFrom() const override { return true; }

 private:
  void DoDispose() override;
  bool IsReachable(Mac48Address dest) const;
  uint32_t NextFloodHost(uint32_t from) const;
  void FillIn(const Packet& packet, uint32_t dst_host, ::ddlsim::ForeignFrame& frame);
  void EndTransmission(Ptr<const Packet> packet);

  Ptr<Node> m_node;
  Ptr<FabricChannel> m_channel;
  uint32_t m_host = 0;
  uint32_t m_if_index = 0;
  uint16_t m_mtu = 9000;
  Mac48Address m_address;
  Ptr<Queue<Packet>> m_queue;
  Ptr<ErrorModel> m_receive_error_model;
  Ptr<const Packet> m_flooded;  // of which copies are still to be sent
  uint32_t m_flood_index = 0;   // the channel's device that gets the next one
  Ptr<const Packet> m_transmitting;
  bool m_is_pulled = false;                                // within NextFrame()
  std::unordered_map<uint32_t, uint32_t> m_transmissions;  // by flow hash; never iterated
  ReceiveCallback m_receive_callback;
  PromiscReceiveCallback m_promisc_callback;
  TracedCallback<> m_link_change_callbacks;
  TracedCallback<Ptr<const Packet>> m_mac_tx_trace;
  TracedCallback<Ptr<const Packet>> m_mac_tx_drop_trace;
  TracedCallback<Ptr<const Packet>> m_mac_promisc_rx_trace;
  TracedCallback<Ptr<const Packet>> m_mac_rx_trace;
  TracedCallback<Ptr<const Packet>> m_phy_tx_begin_trace;
  TracedCallback<Ptr<const Packet>> m_phy_tx_end_trace;
  TracedCallback<Ptr<const Packet>> m_phy_rx_end_trace;
  TracedCallback<Ptr<const Packet>> m_phy_rx_drop_trace;
  TracedCallback<Ptr<const Packet>> m_sniffer_trace;
  TracedCallback<Ptr<const Packet>> m_promisc_sniffer_trace;
};

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_NET_DEVICE_H */
