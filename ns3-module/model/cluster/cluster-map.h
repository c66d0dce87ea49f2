// SPDX-License-Identifier: GPL-2.0-only
//
// A cluster of equal hosts: how its GPUs and NICs are named, which GPUs share a scale-up network,
// and which endpoints two ranks talk over. Rank r is on GPU r mod g of host r / g, where g is the
// number of GPUs of a host, or of ranks on each.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "hardware/host.h"

namespace ddlsim {

class ClusterMap {
 public:
  // Throws InputError (place "--nodes") where the ranks do not fit, or there are none.
  ClusterMap(Host host, uint32_t host_count, uint32_t rank_count);

  // Puts as many ranks on every host as on the others, on its first GPUs. Throws InputError (place
  // `place`) where they cannot be.
  void SpreadRanks(const std::string& place);

  const Host& HostType() const { return m_host; }
  uint32_t HostCount() const { return m_host_count; }
  uint32_t RankCount() const { return m_rank_count; }
  uint32_t HostOf(uint32_t rank) const { return rank / m_ranks_per_host; }
  uint32_t GpuOf(uint32_t rank) const { return rank % m_ranks_per_host; }

  bool HasScaleUp() const { return m_host.scale_up.kind != ScaleUpKind::kNone; }
  // Of a host: all GPUs of a domain are on one scale-up network.
  uint32_t DomainOfHost(uint32_t host) const { return host / m_host.scale_up.hosts_per_domain; }
  // Whether the GPUs of two ranks are on one scale-up network.
  bool IsScaleUp(uint32_t a, uint32_t b) const {
    return HasScaleUp() && DomainOfHost(HostOf(a)) == DomainOfHost(HostOf(b));
  }
  // A host alone has nobody to reach by its NICs, unless these are all that joins its GPUs.
  bool HasScaleOut() const { return m_host_count > 1 || !HasScaleUp(); }

  // Names of the fabric's hosts: "host-3/gpu-0", "host-3/nic-1".
  static std::string GpuName(uint32_t host, uint32_t gpu);
  // Of the scale-up network of a host, and of the reduction engine in its switch.
  std::string DomainName(uint32_t host) const;
  std::string EngineName(uint32_t host) const { return DomainName(host) + "/nvswitch/engine"; }
  static std::string NicName(uint32_t host, uint32_t nic);
  std::string GpuEndpoint(uint32_t rank) const { return GpuName(HostOf(rank), GpuOf(rank)); }
  std::string NicEndpoint(uint32_t rank) const {
    return NicName(HostOf(rank), m_host.nic_of_gpu[GpuOf(rank)]);
  }
  // What messages from rank `src` to rank `dst` leave from and arrive at.
  std::pair<std::string, std::string> Endpoints(uint32_t src, uint32_t dst) const;
  // All NICs in the order of hosts: what the scale-out network joins; none without one.
  std::vector<std::string> NicEndpoints() const;

 private:
  Host m_host;
  uint32_t m_host_count;
  uint32_t m_rank_count;
  uint32_t m_ranks_per_host;
};

}  // namespace ddlsim
