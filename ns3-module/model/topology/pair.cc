// SPDX-License-Identifier: GPL-2.0-only
#include "topology/pair.h"

#include "base/input-error.h"

namespace ddlsim {

void AddPair(NetworkGraph& graph, const TopologyHosts& hosts, const LinkConfig& links) {
  if (hosts.host_count != 2) {
    throw InputError("--hosts", "a pair has two hosts", "leave it out, or use a star");
  }
  CheckHosts(hosts, 2);
  for (uint32_t nic = 0; nic < hosts.nics_per_host; ++nic) {
    const std::string first = NicName(hosts, 0, nic), second = NicName(hosts, 1, nic);
    const std::string domain = hosts.nics_per_host == 1 ? "" : NodeName("cable-", nic);
    graph.AddHost(first, domain);
    graph.AddHost(second, domain);
    graph.AddLink(first, second, links);
  }
}

}  // namespace ddlsim
