// SPDX-License-Identifier: GPL-2.0-only
//
// From the options of a run to its network.
#ifndef DDL_SCENARIO_NETWORK_H
#define DDL_SCENARIO_NETWORK_H

#include <optional>
#include <string>
#include <vector>

#include "cluster/cluster-map.h"
#include "ddl-tcp-transport.h"
#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "option-set.h"

namespace ddlsim {

// A link that is dead from `begin_ps` to before `end_ps`. Nodes by their number in the graph.
struct LinkOutage {
  uint32_t a = 0;
  uint32_t b = 0;
  uint64_t begin_ps = 0;
  uint64_t end_ps = kNeverPs;
};

struct ScenarioNetwork {
  NetworkGraph graph;
  uint32_t host_count = 0;  // each one endpoint of the graph, unless there is a cluster
  FabricConfig fabric;
  NicConfig nic;
  std::vector<LinkOutage> outages;
  std::optional<ClusterMap> cluster;  // where hosts have several GPUs
  bool is_tcp = false;                // else RDMA
  ns3::ddl::TcpConfig tcp;
  std::string description;  // "fat-tree of 3 levels, k=4, 16 hosts, 400 Gb/s links"
};

// Hosts that --hosts asks for, or 0.
uint32_t RequestedHosts(const OptionSet& options);

// Builds the network for at least `ranks` hosts (0: --hosts or the default) and writes what it
// decided (--hosts, --k ...) back to the options. Throws InputError.
ScenarioNetwork BuildScenarioNetwork(OptionSet& options, uint32_t ranks);

// Writes the network to the file that --write-topology names. Throws InputError; then no file is
// written or changed.
void WriteScenarioTopology(OptionSet& options);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_NETWORK_H */
