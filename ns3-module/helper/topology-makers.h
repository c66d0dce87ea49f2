// SPDX-License-Identifier: GPL-2.0-only
//
// One function per topology: reads the options of its sizes and calls its builder.
#ifndef DDL_TOPOLOGY_MAKERS_H
#define DDL_TOPOLOGY_MAKERS_H

#include <string>
#include <vector>

#include "option-set.h"
#include "topology/topology-parts.h"

namespace ddlsim {

// What a maker gets, and where it puts what it made.
struct TopologyRequest {
  OptionSet& options;
  TopologyHosts wanted;  // count 0: not said
  uint32_t ranks = 0;    // that the network has to hold; 0: not known yet
  TopologyParts parts;
  NetworkGraph graph;
  uint32_t host_count = 0;
  std::string description;

  // Hosts for topologies that take any number: as wanted, or one per rank, or 16.
  TopologyHosts Hosts() const;
};

struct TopologyMaker {
  const char* name;
  void (*make)(TopologyRequest& request);
};

const std::vector<TopologyMaker>& TopologyMakers();

}  // namespace ddlsim

#endif /* DDL_TOPOLOGY_MAKERS_H */
