// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-fabric-channel.h"

#include <stdexcept>

#include "ddl-net-device.h"
#include "nic/rdma-nic.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

namespace ns3 {
namespace ddl {

NS_OBJECT_ENSURE_REGISTERED(FabricChannel);

TypeId FabricChannel::GetTypeId() {
  static TypeId tid =
      TypeId("ns3::ddl::FabricChannel")
          .SetParent<ns3::Channel>()
          .SetGroupName("Ddl")
          .AddConstructor<FabricChannel>()
          .AddTraceSource("Drop", "A switch had no room for the packet (Ethernet frame).",
                          MakeTraceSourceAccessor(&FabricChannel::m_drop_trace),
                          "ns3::Packet::TracedCallback")
          .AddTraceSource("Loss", "A link lost the packet (Ethernet frame).",
                          MakeTraceSourceAccessor(&FabricChannel::m_loss_trace),
                          "ns3::Packet::TracedCallback");
  return tid;
}

FabricChannel::FabricChannel() = default;
FabricChannel::~FabricChannel() = default;

void FabricChannel::DoDispose() {
  m_devices.clear();
  m_host_devices.clear();
  m_hosts.clear();
  m_nic = nullptr;
  ns3::Channel::DoDispose();
}

void FabricChannel::SetNic(::ddlsim::RdmaNic* nic) {
  m_nic = nic;
  m_host_devices.assign(nic->GetFabric().HostCount(), nullptr);
  nic->SetForeignTraffic(this);
}

void FabricChannel::Add(Ptr<NetDevice> device) {
  const uint32_t host = device->GetHost();
  if (m_nic == nullptr) throw std::logic_error("ns3::ddl::FabricChannel: SetNic() comes first");
  m_nic->OpenForeign(host);  // refuses hosts that are none, and second devices
  m_host_devices[host] = PeekPointer(device);
  m_devices.push_back(device);
  Reindex();
}

void FabricChannel::Reindex() {
  m_hosts.clear();
  for (const Ptr<NetDevice>& device : m_devices) {
    m_hosts[Mac48Address::ConvertFrom(device->GetAddress())] = device->GetHost();
  }
}

Ptr<NetDevice> FabricChannel::DeviceOfHost(uint32_t host) const {
  return host < m_host_devices.size() ? m_host_devices[host] : nullptr;
}

int64_t FabricChannel::HostOf(Mac48Address address) const {
  const auto found = m_hosts.find(address);
  return found == m_hosts.end() ? -1 : int64_t{found->second};
}

Ptr<ns3::NetDevice> FabricChannel::GetDevice(std::size_t i) const {
  return m_devices.at(i);
}

bool FabricChannel::HasFrame(uint32_t host) const {
  return m_host_devices[host] != nullptr && m_host_devices[host]->HasFrame();
}

::ddlsim::ForeignFrame FabricChannel::NextFrame(uint32_t host) {
  ::ddlsim::ForeignFrame frame;
  const Ptr<const Packet> packet = m_host_devices[host]->NextFrame(frame);
  const uint32_t handle = m_packets.Allocate();
  m_packets[handle] = packet;
  frame.handle = handle;
  ++m_entered;
  return frame;
}

void FabricChannel::OnTransmitting(uint32_t host, uint64_t end_ps) {
  m_host_devices[host]->OnTransmitting(TimeStep(end_ps));
}

Ptr<const Packet> FabricChannel::Take(uint64_t handle) {
  const uint32_t index = static_cast<uint32_t>(handle);
  const Ptr<const Packet> packet = m_packets[index];
  m_packets[index] = nullptr;
  m_packets.Free(index);
  return packet;
}

// The device receives it in an event of its node's, at once: what it does then may send, and runs
// in the node's context.
void FabricChannel::OnArrival(uint32_t host, uint64_t handle, bool is_marked) {
  ++m_arrived;
  const Ptr<const Packet> packet = Take(handle);
  NetDevice* const device = m_host_devices[host];
  if (device == nullptr) return;
  Simulator::ScheduleWithContext(device->GetNode()->GetId(), Time(0), &NetDevice::Receive,
                                 Ptr<NetDevice>(device), packet, is_marked);
}

void FabricChannel::OnGone(uint64_t handle, bool is_dropped) {
  ++(is_dropped ? m_dropped : m_lost);
  const Ptr<const Packet> packet = Take(handle);
  (is_dropped ? m_drop_trace : m_loss_trace)(packet);
}

}  // namespace ddl
}  // namespace ns3
