// SPDX-License-Identifier: GPL-2.0-only
//
// Shortest-path routes with equal-cost multipath, compressed so that a look-up is one load.
#pragma once

#include <cstdint>
#include <vector>

namespace ddlsim {

// The egress ports of equal cost towards a destination: `count` ports from `first` on, which is a
// port number, or, where the ports are not consecutive, an index into RoutingTables::port_lists.
struct RouteEntry {
  uint32_t first = 0;
  uint16_t count = 0;  // 0: unreachable
  uint16_t is_list = 0;
};

// Of one switch. Destinations (dst >> shift) within [low, low + size) have entries of their own,
// from `offset` on in RoutingTables::entries; all others share `fallback`. In a fat-tree that is
// one entry per downward port and one for everything above.
struct SwitchRoutes {
  uint32_t low = 0;
  uint32_t size = 0;
  uint32_t offset = 0;
  uint32_t shift = 0;
  RouteEntry fallback;
};

struct RoutingTables {
  std::vector<RouteEntry> entries;
  std::vector<uint32_t> port_lists;
  std::vector<SwitchRoutes> switches;
};

// A directed link, in the order of ports: all ports of a node are consecutive.
struct DirectedLink {
  uint32_t from = 0;  // node: hosts are 0 .. host_count - 1, switches follow
  uint32_t to = 0;
  bool is_down = false;  // not to be used, in either direction
};

// Shortest paths by hops from every switch to every host. Hosts do not forward.
RoutingTables BuildRoutes(uint32_t host_count, uint32_t node_count,
                          const std::vector<DirectedLink>& ports);

}  // namespace ddlsim
