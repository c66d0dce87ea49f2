// SPDX-License-Identifier: GPL-2.0-only
//
// Builders of network graphs. Hosts are named "host-0" ..., so that host numbers follow the names.
#pragma once

#include <cstdint>
#include <string>

#include "fabric/network-graph.h"

namespace ddlsim {

// Sizes of a folded Clos network. Zeros are derived by ResolveFatTree().
struct FatTreeSpec {
  uint32_t levels = 3;  // switch levels: 2 (leaves, spines) or 3 (edges, aggregations, cores)
  uint32_t radix = 0;   // k, ports per switch, even
  uint32_t hosts = 0;
  uint32_t hosts_per_edge = 0;    // default k / 2
  uint32_t oversubscription = 1;  // hosts per uplink of an edge switch
  // Derived.
  uint32_t edges_per_pod = 0;            // 2 levels: all edges are one pod
  uint32_t uplinks_per_edge = 0;         // aggregations per pod, or spines
  uint32_t uplinks_per_aggregation = 0;  // 3 levels: cores per aggregation
};

// Fills in what is zero. From k alone: all k^3/4 hosts (3 levels) or k^2/2 (2 levels); from hosts
// alone: the smallest even k that holds them. Throws InputError (places --k, --hosts, --levels,
// --hosts-per-edge, --oversubscription) for what cannot be built.
FatTreeSpec ResolveFatTree(FatTreeSpec spec);

// k-ary fat-tree (Al-Fares, Loukissas, Vahdat, SIGCOMM 2008), or leaf-spine with 2 levels.
// `links` join hosts to switches, `fabric_links` switches to one another.
NetworkGraph BuildFatTree(const FatTreeSpec& resolved, const SwitchConfig& switches,
                          const LinkConfig& links, const LinkConfig& fabric_links);
inline NetworkGraph BuildFatTree(const FatTreeSpec& resolved, const SwitchConfig& switches,
                                 const LinkConfig& links) {
  return BuildFatTree(resolved, switches, links, links);
}
// All hosts on one switch.
NetworkGraph BuildStar(uint32_t hosts, const SwitchConfig& switches, const LinkConfig& links);
// One switch per host, the switches in a ring; the links to the hosts are like the others.
NetworkGraph BuildRing(uint32_t hosts, const SwitchConfig& switches, const LinkConfig& links);
// Two hosts on one cable.
NetworkGraph BuildPair(const LinkConfig& links);

}  // namespace ddlsim
