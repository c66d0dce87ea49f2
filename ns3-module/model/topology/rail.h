// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// A rail-optimised network: hosts are grouped into scalable units, and NIC r of every host of a
// unit hangs at the unit's leaf of rail r. Spines join all leaves. Zeros are derived by
// ResolveRail().
struct RailSpec {
  TopologyHosts hosts = {0};    // as many rails as NICs per host
  uint32_t hosts_per_unit = 0;  // default: 32, as in NVIDIA's DGX SuperPOD, or fewer hosts
  uint32_t spines = 0;          // default: one per host of a unit, which blocks nothing
};

// Throws InputError (places --hosts, --nics-per-host, --hosts-per-unit, --spines).
RailSpec ResolveRail(RailSpec spec);

// "leaf-UNIT-RAIL", each joined to every "spine-J".
void AddRail(NetworkGraph& graph, const RailSpec& resolved, const TopologyParts& parts);

}  // namespace ddlsim
