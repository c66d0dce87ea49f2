// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "fabric/network-graph.h"

namespace ddlsim {

// A canonical graph as JSON, one node or link a line; docs/topologies.md has the keys. `topology`
// is the option's value, `description` says the same for people.
std::string TopologyJson(const NetworkGraph& graph, const std::string& topology,
                         const std::string& description);

}  // namespace ddlsim
