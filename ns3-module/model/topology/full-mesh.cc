// SPDX-License-Identifier: GPL-2.0-only
#include "topology/full-mesh.h"

#include "topology/switch-blocks.h"

namespace ddlsim {

void AddFullMesh(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t hosts_per_switch,
                 const TopologyParts& parts) {
  const uint64_t count = SwitchBlockCount(hosts, hosts_per_switch);
  CheckLinkCount("--hosts-per-switch", count * (count - 1) / 2);
  const uint32_t switches = AddSwitchBlocks(graph, hosts, hosts_per_switch, parts);
  for (uint32_t i = 0; i < switches; ++i) {
    for (uint32_t j = i + 1; j < switches; ++j) {
      graph.AddLink(NodeName("switch-", i), NodeName("switch-", j), parts.fabric_links);
    }
  }
}

}  // namespace ddlsim
