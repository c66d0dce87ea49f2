// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "topology/topology-parts.h"

namespace ddlsim {

// Zeros are derived by ResolveLeafSpine().
struct LeafSpineSpec {
  TopologyHosts hosts = {0};
  uint32_t leaves = 0;
  uint32_t spines = 0;          // default: one per port of a leaf to a host, which blocks nothing
  uint32_t hosts_per_leaf = 0;  // default: about as many as there are leaves
  // Of a part of a larger network.
  std::string prefix;       // of the switches' names
  uint32_t first_host = 0;  // number of the first host
};

// Throws InputError (places --hosts, --leaves, --spines, --hosts-per-leaf).
LeafSpineSpec ResolveLeafSpine(LeafSpineSpec spec);

// "leaf-I" with the hosts, each joined to every "spine-J".
void AddLeafSpine(NetworkGraph& graph, const LeafSpineSpec& resolved, const TopologyParts& parts);

// The least whole number whose square is not below `value`.
uint32_t CeilSquareRoot(uint32_t value);

}  // namespace ddlsim
