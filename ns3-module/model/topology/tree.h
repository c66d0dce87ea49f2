// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// A tree of switches with one root, `fanout` children per switch, the hosts at the bottom. Switches
// are "switch-LEVEL-I", level 1 the lowest; as many levels as the hosts need, and switches without
// hosts below them are left out. Throws InputError (places --hosts, --fanout).
void AddTree(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t fanout,
             const TopologyParts& parts);

// Switch levels of that tree.
uint32_t TreeLevels(uint32_t host_count, uint32_t fanout);

}  // namespace ddlsim
