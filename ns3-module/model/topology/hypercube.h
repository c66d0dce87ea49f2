// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// 2^n switches "switch-0" ..., joined where their numbers differ in one bit, with as many hosts
// each (the last may have fewer). Throws InputError (places --hosts, --hosts-per-switch).
void AddHypercube(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t hosts_per_switch,
                  const TopologyParts& parts);

}  // namespace ddlsim
