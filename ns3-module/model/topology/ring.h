// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// Switches "switch-0" ... in a ring, each with as many hosts (the last may have fewer). Two
// switches are joined by one link. Throws InputError (places --hosts, --hosts-per-switch).
void AddRing(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t hosts_per_switch,
             const TopologyParts& parts);

}  // namespace ddlsim
