// SPDX-License-Identifier: GPL-2.0-only
#include "topology/topology-parts.h"

#include "base/input-error.h"

namespace ddlsim {

std::string NicName(const TopologyHosts& hosts, uint32_t host, uint32_t nic) {
  const std::string name = NodeName("host-", host);
  return hosts.nics_per_host == 1 ? name : name + NodeName("/nic-", nic);
}

std::string NodeName(const std::string& kind, uint32_t index) {
  return kind + std::to_string(index);
}

std::string NodeName(const std::string& kind, uint32_t index, uint32_t second) {
  return kind + std::to_string(index) + "-" + std::to_string(second);
}

void AddHostAt(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t host,
               const std::string& switch_name, const LinkConfig& links) {
  for (uint32_t nic = 0; nic < hosts.nics_per_host; ++nic) {
    const std::string name = NicName(hosts, host, nic);
    graph.AddHost(name);
    graph.AddLink(name, switch_name, links);
  }
}

void CheckHosts(const TopologyHosts& hosts, uint32_t hosts_min) {
  if (hosts.nics_per_host == 0 || hosts.nics_per_host > kNicsPerHostMax) {
    throw InputError("--nics-per-host", std::to_string(hosts.nics_per_host) + " is out of range",
                     "choose from 1 to " + std::to_string(kNicsPerHostMax));
  }
  const uint32_t hosts_max = kTopologyHostsMax / hosts.nics_per_host;
  if (hosts.host_count >= hosts_min && hosts.host_count <= hosts_max) return;
  throw InputError("--hosts", std::to_string(hosts.host_count) + " is out of range",
                   "choose from " + std::to_string(hosts_min) + " to " + std::to_string(hosts_max));
}

void CheckLinkCount(const std::string& place, uint64_t links) {
  if (links <= kTopologyLinksMax) return;
  throw InputError(place,
                   "the network would have " + std::to_string(links) + " links between switches",
                   "choose sizes that lead to " + std::to_string(kTopologyLinksMax) + " at most");
}

}  // namespace ddlsim
