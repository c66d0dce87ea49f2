// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/leaf-spine.h"
#include "topology/topology-parts.h"

namespace ddlsim {

// Several sites, each joined to each other by one long link.
struct WanSpec {
  TopologyHosts hosts = {0};  // in order, as many per site; the last may have fewer
  uint32_t sites = 2;
  bool has_leaf_spine = false;  // sites are leaf-spines; else stars
  uint32_t leaves = 0;          // of a site, as LeafSpineSpec says
  uint32_t spines = 0;
  uint32_t hosts_per_leaf = 0;
  LinkConfig wan_links;
};

// Fills in hosts and leaf-spine sizes. Throws InputError (places --hosts, --sites and those of a
// leaf-spine) for sites without hosts.
WanSpec ResolveWan(WanSpec spec);

// "site-I/switch-0", or "site-I/leaf-J" and "site-I/spine-J" with "site-I/border" above the spines.
void AddWan(NetworkGraph& graph, const WanSpec& resolved, const TopologyParts& parts);

}  // namespace ddlsim
