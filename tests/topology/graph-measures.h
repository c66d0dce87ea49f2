// SPDX-License-Identifier: MIT
//
// What the literature states of networks, measured on a graph.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "fabric/network-graph.h"

namespace ddlsim {

// A graph that `fill` fills, canonical.
NetworkGraph GraphOf(const std::function<void(NetworkGraph&)>& fill);

uint32_t SwitchCount(const NetworkGraph& graph);

// Links between switches.
uint32_t FabricLinkCount(const NetworkGraph& graph);

// Most links between switches that the fabric's own routes take from a host to another. Throws
// std::logic_error where a pair has no route.
uint32_t RoutedDiameter(const NetworkGraph& graph);

// Least number of links (of any kind) whose removal parts the first half of the hosts from the
// second: a maximum flow. As much as there are hosts in a half where the network blocks nothing.
uint32_t HalvesCut(const NetworkGraph& graph);

// Fewest and most links of the switches whose names begin with `prefix`.
struct DegreeRange {
  uint32_t low = UINT32_MAX;
  uint32_t high = 0;
};
DegreeRange Degrees(const NetworkGraph& graph, const std::string& prefix = "");

// The same nodes and links?
bool IsSame(const NetworkGraph& x, const NetworkGraph& y);

// place() and text of the InputError that `action` throws: "--hosts: 3 is ...", or "accepted".
std::string RefusalOf(const std::function<void()>& action);

}  // namespace ddlsim
