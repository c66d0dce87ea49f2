// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-internet-helper.h"

#include <numeric>
#include <stdexcept>

#include "nic/rdma-nic.h"
#include "ns3/arp-cache.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/net-device-queue-interface.h"
#include "ns3/string.h"

namespace ns3 {
namespace ddl {
namespace {

Mac48Address EthernetAddress(uint32_t host) {
  const uint8_t bytes[6] = {2,
                            0,
                            static_cast<uint8_t>(host >> 24),
                            static_cast<uint8_t>(host >> 16),
                            static_cast<uint8_t>(host >> 8),
                            static_cast<uint8_t>(host)};
  Mac48Address address;
  address.CopyFrom(bytes);
  return address;
}

}  // namespace

InternetHelper::InternetHelper() {
  m_device_factory.SetTypeId(NetDevice::GetTypeId());
  m_queue_factory.SetTypeId("ns3::DropTailQueue<Packet>");
  SetQueueSize("1000p");
}

void InternetHelper::SetDeviceAttribute(const std::string& name, const AttributeValue& value) {
  m_device_factory.Set(name, value);
}

void InternetHelper::SetQueueSize(const std::string& size) {
  m_queue_factory.Set("MaxSize", StringValue(size));
}

void InternetHelper::Install(::ddlsim::RdmaNic& nic) {
  std::vector<uint32_t> hosts(nic.GetFabric().HostCount());
  std::iota(hosts.begin(), hosts.end(), 0);
  Install(nic, hosts);
}

void InternetHelper::Install(::ddlsim::RdmaNic& nic, const std::vector<uint32_t>& hosts) {
  if (m_channel != nullptr) throw std::logic_error("ns3::ddl::InternetHelper: installed already");
  m_channel = CreateObject<FabricChannel>();
  m_channel->SetNic(&nic);
  InternetStackHelper stack;
  stack.SetIpv6StackInstall(false);
  stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
  for (uint32_t host : hosts) {
    const Ptr<Node> node = CreateObject<Node>();
    m_nodes.Add(node);
    stack.Install(node);
    const Ptr<NetDevice> device = MakeDevice(host, node);
    m_devices.Add(device);
    const Ptr<Ipv4> ip = node->GetObject<Ipv4>();
    const uint32_t interface = ip->AddInterface(device);
    ip->AddAddress(interface, Ipv4InterfaceAddress(GetAddress(host), Ipv4Mask("255.0.0.0")));
    ip->SetMetric(interface, 1);
    ip->SetUp(interface);
  }
  if (!m_has_neighbours) return;
  for (uint32_t host : hosts) {
    for (uint32_t peer : hosts) {
      if (host != peer) AddNeighbour(host, peer);
    }
  }
}

Ptr<NetDevice> InternetHelper::MakeDevice(uint32_t host, Ptr<Node> node) {
  const Ptr<NetDevice> device = m_device_factory.Create<NetDevice>();
  device->SetAddress(EthernetAddress(host));
  const Ptr<Queue<Packet>> queue = m_queue_factory.Create<Queue<Packet>>();
  device->SetQueue(queue);
  node->AddDevice(device);
  device->Attach(m_channel, host);
  if (m_has_flow_control) {
    const Ptr<NetDeviceQueueInterface> interface = CreateObject<NetDeviceQueueInterface>();
    interface->GetTxQueue(0)->ConnectQueueTraces(queue);
    device->AggregateObject(interface);
  }
  return device;
}

Ptr<NetDevice> InternetHelper::GetDevice(uint32_t host) const {
  const Ptr<NetDevice> device = m_channel == nullptr ? nullptr : m_channel->DeviceOfHost(host);
  if (device == nullptr) {
    throw std::logic_error("ns3::ddl::InternetHelper: host " + std::to_string(host) +
                           " is not installed");
  }
  return device;
}

Ptr<Node> InternetHelper::GetNode(uint32_t host) const {
  return GetDevice(host)->GetNode();
}

void InternetHelper::AddNeighbour(uint32_t host, uint32_t peer) const {
  const Ptr<NetDevice> device = GetDevice(host);
  const Ptr<Ipv4L3Protocol> ip = device->GetNode()->GetObject<Ipv4L3Protocol>();
  const int32_t interface = ip->GetInterfaceForDevice(device);
  const Ptr<ArpCache> cache = ip->GetInterface(static_cast<uint32_t>(interface))->GetArpCache();
  ArpCache::Entry* entry = cache->Lookup(GetAddress(peer));
  if (entry == nullptr) entry = cache->Add(GetAddress(peer));
  entry->SetMacAddress(GetDevice(peer)->GetAddress());
  entry->MarkPermanent();
}

void InternetHelper::EnablePcapInternal(std::string prefix, Ptr<ns3::NetDevice> device,
                                        bool promiscuous, bool explicit_filename) {
  const Ptr<NetDevice> own = DynamicCast<NetDevice>(device);
  if (own == nullptr) return;  // EnablePcapAll() offers every device there is
  PcapHelper pcap;
  const std::string name = explicit_filename ? prefix : pcap.GetFilenameFromDevice(prefix, device);
  const Ptr<PcapFileWrapper> file = pcap.CreateFile(name, std::ios::out, PcapHelper::DLT_EN10MB);
  pcap.HookDefaultSink<NetDevice>(own, promiscuous ? "PromiscSniffer" : "Sniffer", file);
}

}  // namespace ddl
}  // namespace ns3
