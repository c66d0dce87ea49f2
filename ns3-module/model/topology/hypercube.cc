// SPDX-License-Identifier: GPL-2.0-only
#include "topology/hypercube.h"

#include "base/input-error.h"
#include "topology/switch-blocks.h"

namespace ddlsim {

void AddHypercube(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t hosts_per_switch,
                  const TopologyParts& parts) {
  const uint32_t switches = SwitchBlockCount(hosts, hosts_per_switch);
  if ((switches & (switches - 1)) != 0) {
    uint32_t next = 1;
    while (next < switches) next *= 2;
    throw InputError("--hosts",
                     std::to_string(switches) + " switches are no hypercube (no power of two)",
                     "choose " + std::to_string(uint64_t{next} / 2 * hosts_per_switch) + " or " +
                         std::to_string(uint64_t{next} * hosts_per_switch) +
                         " hosts, or another --hosts-per-switch");
  }
  AddSwitchBlocks(graph, hosts, hosts_per_switch, parts);
  for (uint32_t i = 0; i < switches; ++i) {
    for (uint32_t bit = 1; bit < switches; bit *= 2) {
      if ((i & bit) != 0) continue;
      graph.AddLink(NodeName("switch-", i), NodeName("switch-", i | bit), parts.fabric_links);
    }
  }
}

}  // namespace ddlsim
