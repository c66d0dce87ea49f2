// SPDX-License-Identifier: GPL-2.0-only
//
// Switches of the network between hosts that add up what their hosts send (SHARP): an endpoint for
// the adder of each switch, and the trees along which partial sums travel. One tree per number of
// NIC: on rails and planes the NICs of one number are near each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fabric/network-graph.h"

namespace ddlsim {

struct SwitchReduction {
  static constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint32_t> switch_of_endpoint;  // by host of the graph: index of its switch's node
  std::vector<uint32_t> engine_of_switch;    // by node: host that is its engine; kNone
  // By number of NIC and node: the switch above; kNone at the root, and where the tree is not.
  std::vector<std::vector<uint32_t>> switch_above;
};

// Adds "edge-0/engine" to each switch between hosts, on a link as fast as all of the switch's
// together, and makes the graph canonical again. The graph is canonical.
void AddSwitchEngines(NetworkGraph& graph);

// The trees over a canonical graph with such engines. `nics`: hosts of the graph that are NICs, by
// number within their machine. A tree's root is a switch from which the farthest of these NICs is
// as near as from any; of several such switches trees take turns.
SwitchReduction MakeSwitchReduction(const NetworkGraph& graph,
                                    const std::vector<std::vector<uint32_t>>& nics);

}  // namespace ddlsim
