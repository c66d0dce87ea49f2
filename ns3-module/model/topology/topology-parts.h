// SPDX-License-Identifier: GPL-2.0-only
//
// What all builders of topologies share: how many hosts, what switches and links are like, and how
// hosts are named.
//
// A builder, AddX(graph, ...), adds named nodes and links to a graph and leaves Canonicalize() to
// the caller, so that others may add to the same graph (the network inside hosts, a gateway).
#pragma once

#include <cstdint>
#include <string>

#include "fabric/network-graph.h"

namespace ddlsim {

constexpr uint32_t kTopologyHostsMax = 1u << 20;  // a host number has 20 bits in the keys of timers
constexpr uint64_t kTopologyLinksMax = 1u << 22;
constexpr uint32_t kNicsPerHostMax = 64;

// A NIC is what the fabric calls a host: an endpoint with one link.
struct TopologyHosts {
  TopologyHosts(uint32_t hosts, uint32_t nics = 1) : host_count(hosts), nics_per_host(nics) {}
  uint32_t host_count;
  uint32_t nics_per_host;
};

struct TopologyParts {
  SwitchConfig switches;
  LinkConfig links;         // hosts to switches
  LinkConfig fabric_links;  // switches to one another
};

// "host-3", or "host-3/nic-2" where hosts have several.
std::string NicName(const TopologyHosts& hosts, uint32_t host, uint32_t nic);

// "leaf-" and 3: "leaf-3"; with a second index "leaf-3-1".
std::string NodeName(const std::string& kind, uint32_t index);
std::string NodeName(const std::string& kind, uint32_t index, uint32_t second);

// Adds all NICs of a host, each with its link to the same switch.
void AddHostAt(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t host,
               const std::string& switch_name, const LinkConfig& links);

// Quotient, rounded up.
inline uint32_t CeilDivide(uint32_t value, uint32_t divisor) {
  return static_cast<uint32_t>((uint64_t{value} + divisor - 1) / divisor);
}

// Throw InputError with the places --hosts and --nics-per-host, or `place` for too many links.
void CheckHosts(const TopologyHosts& hosts, uint32_t hosts_min);
void CheckLinkCount(const std::string& place, uint64_t links);

}  // namespace ddlsim
