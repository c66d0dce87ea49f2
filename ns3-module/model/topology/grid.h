// SPDX-License-Identifier: GPL-2.0-only
//
// Switches on a grid of 2 or 3 dimensions: meshes and tori.
#pragma once

#include <vector>

#include "topology/topology-parts.h"

namespace ddlsim {

struct GridSpec {
  TopologyHosts hosts = {0};
  uint32_t hosts_per_switch = 1;
  uint32_t dimension_count = 2;  // 2 or 3
  bool wraps = true;             // torus; false: mesh
  std::vector<uint32_t> dims;    // empty: as near to a square or cube as hosts allow
};

// Fills in `dims`; without hosts, these follow from it. Throws InputError (places --dims, --hosts,
// --hosts-per-switch) where the grid's switches are not just those that the hosts need.
GridSpec ResolveGrid(GridSpec spec);

// "switch-X-Y" or "switch-X-Y-Z"; host numbers run along the last dimension first. Where a torus
// has only two switches in a dimension, one link joins them.
void AddGrid(NetworkGraph& graph, const GridSpec& resolved, const TopologyParts& parts);

// "4x4x2"
std::string DimsText(const std::vector<uint32_t>& dims);

}  // namespace ddlsim
