// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// Switches "switch-0" ..., each joined to each other, with as many hosts each (the last may have
// fewer). Throws InputError (places --hosts, --hosts-per-switch).
void AddFullMesh(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t hosts_per_switch,
                 const TopologyParts& parts);

}  // namespace ddlsim
