// SPDX-License-Identifier: GPL-2.0-only
#include "topology/tree.h"

#include "base/input-error.h"

namespace ddlsim {

uint32_t TreeLevels(uint32_t host_count, uint32_t fanout) {
  uint32_t levels = 1;
  for (uint32_t width = CeilDivide(host_count, fanout); width > 1; ++levels) {
    width = CeilDivide(width, fanout);
  }
  return levels;
}

void AddTree(NetworkGraph& graph, const TopologyHosts& hosts, uint32_t fanout,
             const TopologyParts& parts) {
  CheckHosts(hosts, 2);
  if (fanout < 2) {
    throw InputError("--fanout", std::to_string(fanout) + " makes no tree", "choose 2 or more");
  }
  uint32_t width = CeilDivide(hosts.host_count, fanout);
  const std::string lowest = "switch-1-";
  for (uint32_t i = 0; i < width; ++i) graph.AddSwitch(NodeName(lowest, i), parts.switches);
  for (uint32_t host = 0; host < hosts.host_count; ++host) {
    AddHostAt(graph, hosts, host, NodeName(lowest, host / fanout), parts.links);
  }
  for (uint32_t level = 2; width > 1; ++level) {
    const uint32_t below = width;
    width = CeilDivide(below, fanout);
    for (uint32_t i = 0; i < width; ++i) {
      graph.AddSwitch(NodeName("switch-", level, i), parts.switches);
    }
    for (uint32_t i = 0; i < below; ++i) {
      graph.AddLink(NodeName("switch-", level - 1, i), NodeName("switch-", level, i / fanout),
                    parts.fabric_links);
    }
  }
}

}  // namespace ddlsim
