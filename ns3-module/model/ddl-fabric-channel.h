// SPDX-License-Identifier: GPL-2.0-only
//
// The simulated network as an ns-3 channel: joins the devices of the hosts to their NICs, and keeps
// the ns-3 packets that are under way as frames.
#ifndef DDL_FABRIC_CHANNEL_H
#define DDL_FABRIC_CHANNEL_H

#include <map>
#include <vector>

#include "fabric/slab.h"
#include "nic/foreign-traffic.h"
#include "ns3/channel.h"
#include "ns3/mac48-address.h"
#include "ns3/packet.h"
#include "ns3/traced-callback.h"

namespace ddlsim {
class RdmaNic;
}

namespace ns3 {
namespace ddl {

class NetDevice;

/**
 * One per RdmaNic. Every packet that enters the fabric leaves it by arrival, drop or loss, so that
 * Entered() = Arrived() + Dropped() + Lost() + InFlight() at any time.
 */
class FabricChannel : public ns3::Channel, public ::ddlsim::ForeignTraffic {
 public:
  static TypeId GetTypeId();
  FabricChannel();
  ~FabricChannel() override;

  /** The NICs whose ports the devices share; they outlive the run. */
  void SetNic(::ddlsim::RdmaNic* nic);
  ::ddlsim::RdmaNic* GetNic() const { return m_nic; }
  /** Before the run; one device per host. Called by NetDevice::Attach. */
  void Add(Ptr<NetDevice> device);
  /** Notes that a device's address changed. */
  void Reindex();
  /** The device of a host, or null. */
  Ptr<NetDevice> DeviceOfHost(uint32_t host) const;
  /** The host with this address, or -1. */
  int64_t HostOf(Mac48Address address) const;

  uint64_t Entered() const { return m_entered; }
  uint64_t Arrived() const { return m_arrived; }
  uint64_t Dropped() const { return m_dropped; }
  uint64_t Lost() const { return m_lost; }
  uint64_t InFlight() const { return m_entered - m_arrived - m_dropped - m_lost; }

  // ns3::Channel
  std::size_t GetNDevices() const override { return m_devices.size(); }
  Ptr<ns3::NetDevice> GetDevice(std::size_t i) const override;

  // ForeignTraffic
  bool HasFrame(uint32_t host) const override;
  ::ddlsim::ForeignFrame NextFrame(uint32_t host) override;
  void OnTransmitting(uint32_t host, uint64_t end_ps) override;
  void OnArrival(uint32_t host, uint64_t handle, bool is_marked) override;
  void OnGone(uint64_t handle, bool is_dropped) override;

 private:
  void DoDispose() override;
  Ptr<const Packet> Take(uint64_t handle);

  ::ddlsim::RdmaNic* m_nic = nullptr;
  std::vector<Ptr<NetDevice>> m_devices;        // in the order in which they were added
  std::vector<NetDevice*> m_host_devices;       // by host
  std::map<Mac48Address, uint32_t> m_hosts;     // by address
  ::ddlsim::Slab<Ptr<const Packet>> m_packets;  // under way, by handle
  uint64_t m_entered = 0;
  uint64_t m_arrived = 0;
  uint64_t m_dropped = 0;
  uint64_t m_lost = 0;
  TracedCallback<Ptr<const Packet>> m_drop_trace;
  TracedCallback<Ptr<const Packet>> m_loss_trace;
};

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_FABRIC_CHANNEL_H */
