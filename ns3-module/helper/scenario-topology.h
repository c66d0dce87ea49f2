// SPDX-License-Identifier: GPL-2.0-only
//
// From --topology and the options of its sizes to a graph.
#ifndef DDL_SCENARIO_TOPOLOGY_H
#define DDL_SCENARIO_TOPOLOGY_H

#include <string>
#include <vector>

#include "option-set.h"
#include "topology/topology-parts.h"

namespace ddlsim {

struct ScenarioTopology {
  NetworkGraph graph;       // not canonical yet: whoever has more to add adds it first
  uint32_t host_count = 0;  // each with `nics_per_host` endpoints, named by NicName()
  std::string description;  // "fat-tree of 3 levels, k=4"
};

// Names of --topology; "file" stands for file:PATH.
std::vector<std::string> TopologyNames();

// Throws InputError where --topology is none of these.
void CheckTopology(const OptionSet& options);

// Builds the topology of `hosts.host_count` hosts (0: --hosts or the topology's own default, but at
// least `ranks`), and writes what it decided back to the options. Throws InputError.
ScenarioTopology MakeScenarioTopology(OptionSet& options, const TopologyHosts& hosts,
                                      uint32_t ranks, const SwitchConfig& switches);

// --link-rate, --link-delay and --loss. Throws InputError.
LinkConfig HostLinks(const OptionSet& options);

// Refuses rates that no link has.
void CheckRate(const std::string& place, uint64_t rate_bps);

// A whole number that an option states, 0 where it states none.
uint32_t CountOf(const OptionSet& options, const std::string& name, uint64_t low, uint64_t high);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_TOPOLOGY_H */
