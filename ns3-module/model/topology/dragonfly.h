// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// A dragonfly (Kim, Dally, Scott, Abts, ISCA 2008, section 3): groups of `a` routers, each joined
// to all of its group, with `p` hosts and `h` links to other groups. Zeros are derived by
// ResolveDragonfly(): a = 2p = 2h, the paper's balance, of the least h that holds the hosts.
struct DragonflySpec {
  TopologyHosts hosts = {0};
  uint32_t p = 0;       // hosts per router; the paper's p is p times NICs per host
  uint32_t a = 0;       // routers per group
  uint32_t h = 0;       // links to other groups per router
  uint32_t groups = 0;  // default: as many as the hosts need; at most a * h + 1
};

// Throws InputError (places --hosts, --dragonfly-p, --dragonfly-a, --dragonfly-h,
// --dragonfly-groups).
DragonflySpec ResolveDragonfly(DragonflySpec spec);

// "router-GROUP-I". Every two groups are joined by floor(a * h / (groups - 1)) links: one where
// there are as many groups as may be. Link c from group g to the group d further on (cyclic) starts
// at the router with number (c * (groups - 1) + d - 1) / h.
void AddDragonfly(NetworkGraph& graph, const DragonflySpec& resolved, const TopologyParts& parts);

// Links between every two groups.
uint32_t LinksBetweenGroups(const DragonflySpec& resolved);

}  // namespace ddlsim
