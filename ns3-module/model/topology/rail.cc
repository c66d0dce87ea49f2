// SPDX-License-Identifier: GPL-2.0-only
#include "topology/rail.h"

#include <algorithm>

namespace ddlsim {
namespace {

constexpr uint32_t kHostsPerUnitDefault = 32;

}  // namespace

RailSpec ResolveRail(RailSpec spec) {
  if (spec.hosts.host_count == 0) spec.hosts.host_count = 16;
  CheckHosts(spec.hosts, 2);
  if (spec.hosts_per_unit == 0) {
    // Of one rail, a single unit would be a single switch.
    const uint32_t units_min = spec.hosts.nics_per_host == 1 ? 2 : 1;
    spec.hosts_per_unit =
        std::min(kHostsPerUnitDefault, CeilDivide(spec.hosts.host_count, units_min));
  }
  if (spec.spines == 0) spec.spines = std::min(spec.hosts_per_unit, spec.hosts.host_count);
  const uint64_t units = CeilDivide(spec.hosts.host_count, spec.hosts_per_unit);
  CheckLinkCount("--spines", units * spec.hosts.nics_per_host * spec.spines);
  return spec;
}

void AddRail(NetworkGraph& graph, const RailSpec& spec, const TopologyParts& parts) {
  const uint32_t units = CeilDivide(spec.hosts.host_count, spec.hosts_per_unit);
  const uint32_t rails = spec.hosts.nics_per_host;
  for (uint32_t j = 0; j < spec.spines; ++j) graph.AddSwitch(NodeName("spine-", j), parts.switches);
  for (uint32_t unit = 0; unit < units; ++unit) {
    for (uint32_t rail = 0; rail < rails; ++rail) {
      const std::string leaf = NodeName("leaf-", unit, rail);
      graph.AddSwitch(leaf, parts.switches);
      for (uint32_t j = 0; j < spec.spines; ++j) {
        graph.AddLink(leaf, NodeName("spine-", j), parts.fabric_links);
      }
    }
  }
  for (uint32_t host = 0; host < spec.hosts.host_count; ++host) {
    for (uint32_t rail = 0; rail < rails; ++rail) {
      const std::string name = NicName(spec.hosts, host, rail);
      graph.AddHost(name);
      graph.AddLink(name, NodeName("leaf-", host / spec.hosts_per_unit, rail), parts.links);
    }
  }
}

}  // namespace ddlsim
