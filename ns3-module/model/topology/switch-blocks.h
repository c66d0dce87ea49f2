// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// Switches "switch-0" ..., each with the next `hosts_per_switch` hosts (the last may have fewer),
// not joined yet. Returns how many. Throws InputError (places --hosts, --hosts-per-switch).
uint32_t AddSwitchBlocks(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t hosts_per_switch,
                         const TopologyParts& parts);

// How many that will be; the same errors.
uint32_t SwitchBlockCount(const TopologyHosts& hosts, uint32_t hosts_per_switch);

}  // namespace ddlsim
