// SPDX-License-Identifier: GPL-2.0-only
#include "topology/ring.h"

#include "topology/switch-blocks.h"

namespace ddlsim {

void AddRing(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t hosts_per_switch,
             const TopologyParts& parts) {
  const uint32_t switches = AddSwitchBlocks(graph, hosts, hosts_per_switch, parts);
  // A ring of two is a line: a second link between the same switches would be another network.
  const uint32_t links = switches <= 2 ? switches - 1 : switches;
  for (uint32_t i = 0; i < links; ++i) {
    graph.AddLink(NodeName("switch-", i), NodeName("switch-", (i + 1) % switches),
                  parts.fabric_links);
  }
}

}  // namespace ddlsim
