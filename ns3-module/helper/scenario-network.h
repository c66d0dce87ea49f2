// SPDX-License-Identifier: GPL-2.0-only
//
// From the options of a run to its network.
#ifndef DDL_SCENARIO_NETWORK_H
#define DDL_SCENARIO_NETWORK_H

#include <string>

#include "ddl-tcp-transport.h"
#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "option-set.h"

namespace ddlsim {

struct ScenarioNetwork {
  NetworkGraph graph;
  FabricConfig fabric;
  NicConfig nic;
  bool is_tcp = false;  // else RDMA
  ns3::ddl::TcpConfig tcp;
  std::string description;  // "fat-tree of 3 levels, k=4, 16 hosts, 400 Gb/s links"
};

// Hosts that --hosts asks for, or 0.
uint32_t RequestedHosts(const OptionSet& options);

// Builds the network for at least `ranks` hosts (0: --hosts or the default) and writes what it
// decided (--hosts, --k ...) back to the options. Throws InputError.
ScenarioNetwork BuildScenarioNetwork(OptionSet& options, uint32_t ranks);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_NETWORK_H */
