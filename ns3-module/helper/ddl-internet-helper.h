// SPDX-License-Identifier: GPL-2.0-only
//
// ns-3 nodes for the hosts of a simulated cluster: a device over the host's port, the internet
// stack, an address. Any ns-3 application can be installed on them.
#ifndef DDL_INTERNET_HELPER_H
#define DDL_INTERNET_HELPER_H

#include <string>
#include <vector>

#include "ddl-fabric-channel.h"
#include "ddl-net-device.h"
#include "ns3/ipv4-address.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"
#include "ns3/trace-helper.h"

namespace ns3 {
namespace ddl {

/**
 * Host h gets the address 10.0.0.0 + h + 1 in 10.0.0.0/8 and the Ethernet address 02:00 + h. All
 * hosts are one subnet: the switches of the fabric are what an ns-3 node would call layer 2.
 *
 * Everyone knows everyone's Ethernet address from the start, as after a while in a cluster that is
 * up; without, ARP asks by a copy to each host.
 */
class InternetHelper : public PcapHelperForDevice {
 public:
  InternetHelper();
  void SetDeviceAttribute(const std::string& name, const AttributeValue& value);
  /** Limit of each device's drop-tail queue; 1000 packets by default. */
  void SetQueueSize(const std::string& size);
  /** Whether a full queue holds back the traffic control layer; true by default. */
  void SetFlowControl(bool is_enabled) { m_has_flow_control = is_enabled; }
  /** Whether Install() makes permanent neighbour entries, quadratic in the hosts; default true. */
  void SetNeighbours(bool is_enabled) { m_has_neighbours = is_enabled; }

  /** All hosts, or the named ones. `nic` outlives the simulation; one Install() for each. */
  void Install(::ddlsim::RdmaNic& nic);
  void Install(::ddlsim::RdmaNic& nic, const std::vector<uint32_t>& hosts);
  /** Makes `host` know `peer`'s Ethernet address for good. */
  void AddNeighbour(uint32_t host, uint32_t peer) const;

  NodeContainer GetNodes() const { return m_nodes; }  ///< in the order of the hosts installed
  NetDeviceContainer GetDevices() const { return m_devices; }
  Ptr<Node> GetNode(uint32_t host) const;
  Ptr<NetDevice> GetDevice(uint32_t host) const;
  Ptr<FabricChannel> GetChannel() const { return m_channel; }
  static Ipv4Address GetAddress(uint32_t host) { return Ipv4Address(0x0a000001u + host); }

 private:
  void EnablePcapInternal(std::string prefix, Ptr<ns3::NetDevice> device, bool promiscuous,
                          bool explicit_filename) override;
  Ptr<NetDevice> MakeDevice(uint32_t host, Ptr<Node> node);

  ObjectFactory m_device_factory;
  ObjectFactory m_queue_factory;
  bool m_has_flow_control = true;
  bool m_has_neighbours = true;
  NodeContainer m_nodes;
  NetDeviceContainer m_devices;
  Ptr<FabricChannel> m_channel;
};

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_INTERNET_HELPER_H */
