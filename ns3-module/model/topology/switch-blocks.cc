// SPDX-License-Identifier: GPL-2.0-only
#include "topology/switch-blocks.h"

#include "base/input-error.h"

namespace ddlsim {

uint32_t SwitchBlockCount(const TopologyHosts& hosts, uint32_t hosts_per_switch) {
  CheckHosts(hosts, 2);
  if (hosts_per_switch == 0) {
    throw InputError("--hosts-per-switch", "is zero", "choose 1 or more");
  }
  return CeilDivide(hosts.host_count, hosts_per_switch);
}

uint32_t AddSwitchBlocks(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t hosts_per_switch,
                         const TopologyParts& parts) {
  const uint32_t switches = SwitchBlockCount(hosts, hosts_per_switch);
  for (uint32_t i = 0; i < switches; ++i) graph.AddSwitch(NodeName("switch-", i), parts.switches);
  for (uint32_t host = 0; host < hosts.host_count; ++host) {
    AddHostAt(graph, hosts, host, NodeName("switch-", host / hosts_per_switch), parts.links);
  }
  return switches;
}

}  // namespace ddlsim
