// SPDX-License-Identifier: GPL-2.0-only
#include "topology/star.h"

namespace ddlsim {

void AddStar(NetworkGraph& graph, const TopologyHosts& hosts, const TopologyParts& parts) {
  CheckHosts(hosts, 2);
  graph.AddSwitch("switch-0", parts.switches);
  for (uint32_t host = 0; host < hosts.host_count; ++host) {
    AddHostAt(graph, hosts, host, "switch-0", parts.links);
  }
}

}  // namespace ddlsim
