// SPDX-License-Identifier: GPL-2.0-only
//
// Folded Clos networks of 2 or 3 switch levels, one or several planes of them.
#pragma once

#include <cstdint>

#include "topology/topology-parts.h"

namespace ddlsim {

// Sizes of a folded Clos network. Zeros are derived by ResolveFatTree().
struct FatTreeSpec {
  uint32_t levels = 3;  // switch levels: 2 (leaves, spines) or 3 (edges, aggregations, cores)
  uint32_t radix = 0;   // k, ports per switch, even
  uint32_t hosts = 0;
  uint32_t hosts_per_edge = 0;    // default: as many as fill k / 2 ports
  uint32_t oversubscription = 1;  // ports to hosts per uplink of an edge switch
  uint32_t nics_per_host = 1;
  // Planes: trees that share no switch. NIC j of every host is in plane j % planes; each plane is a
  // domain of its own (NetworkGraph::AddHost), there is no way from one to another.
  uint32_t planes = 1;
  // Derived; all are per plane.
  uint32_t nics_per_plane = 1;           // of each host
  uint32_t edges_per_pod = 0;            // 2 levels: all edges are one pod
  uint32_t uplinks_per_edge = 0;         // aggregations per pod, or spines
  uint32_t uplinks_per_aggregation = 0;  // 3 levels: cores per aggregation
};

// Fills in what is zero. From k alone: all k^3/4 hosts (3 levels) or k^2/2 (2 levels); from hosts
// alone: the smallest even k that holds them. Throws InputError (places --k, --hosts, --levels,
// --hosts-per-edge, --oversubscription, --planes, --nics-per-host) for what cannot be built.
FatTreeSpec ResolveFatTree(FatTreeSpec spec);

// k-ary fat-tree (Al-Fares, Loukissas, Vahdat, SIGCOMM 2008), or leaf-spine with 2 levels. Switches
// are "edge-4", "agg-POD-I", "core-GROUP-I" or "spine-I", behind "plane-1/" where there are
// several.
void AddFatTree(NetworkGraph& graph, const FatTreeSpec& resolved, const TopologyParts& parts);

}  // namespace ddlsim
