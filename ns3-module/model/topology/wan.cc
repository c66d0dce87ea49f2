// SPDX-License-Identifier: GPL-2.0-only
#include "topology/wan.h"

#include <algorithm>

#include "base/input-error.h"

namespace ddlsim {
namespace {

std::string SiteName(uint32_t site) {
  return NodeName("site-", site) + "/";
}

std::string Gateway(const WanSpec& spec, uint32_t site) {
  return SiteName(site) + (spec.has_leaf_spine ? "border" : "switch-0");
}

LeafSpineSpec SiteSpec(const WanSpec& spec, uint32_t site, uint32_t first, uint32_t last) {
  LeafSpineSpec leaf_spine;
  leaf_spine.hosts = {last - first, spec.hosts.nics_per_host};
  leaf_spine.leaves = spec.leaves;
  leaf_spine.spines = spec.spines;
  leaf_spine.hosts_per_leaf = spec.hosts_per_leaf;
  leaf_spine.prefix = SiteName(site);
  leaf_spine.first_host = first;
  return leaf_spine;
}

}  // namespace

WanSpec ResolveWan(WanSpec spec) {
  if (spec.hosts.host_count == 0) spec.hosts.host_count = 16;
  CheckHosts(spec.hosts, 2);
  if (spec.sites == 0) throw InputError("--sites", "is zero", "choose 1 or more");
  if (spec.sites > spec.hosts.host_count) {
    throw InputError(
        "--sites",
        std::to_string(spec.hosts.host_count) + " hosts leave some of the " +
            std::to_string(spec.sites) + " sites without any",
        "choose at most " + std::to_string(spec.hosts.host_count) + ", or more --hosts");
  }
  CheckLinkCount("--sites", uint64_t{spec.sites} * (spec.sites - 1) / 2);
  if (!spec.has_leaf_spine) return spec;
  const uint32_t most = CeilDivide(spec.hosts.host_count, spec.sites);
  const LeafSpineSpec site = ResolveLeafSpine(SiteSpec(spec, 0, 0, most));
  spec.leaves = site.leaves;
  spec.spines = site.spines;
  spec.hosts_per_leaf = site.hosts_per_leaf;
  return spec;
}

void AddWan(NetworkGraph& graph, const WanSpec& spec, const TopologyParts& parts) {
  // Sites differ by one host at most.
  const auto first_of = [&spec](uint64_t site) {
    return static_cast<uint32_t>(site * spec.hosts.host_count / spec.sites);
  };
  for (uint32_t site = 0; site < spec.sites; ++site) {
    const std::string gateway = Gateway(spec, site);
    graph.AddSwitch(gateway, parts.switches);
    const uint32_t first = first_of(site);
    const uint32_t last = first_of(uint64_t{site} + 1);
    if (spec.has_leaf_spine) {
      AddLeafSpine(graph, SiteSpec(spec, site, first, last), parts);
      for (uint32_t j = 0; j < spec.spines; ++j) {
        graph.AddLink(NodeName(SiteName(site) + "spine-", j), gateway, parts.fabric_links);
      }
    } else {
      for (uint32_t host = first; host < last; ++host) {
        AddHostAt(graph, spec.hosts, host, gateway, parts.links);
      }
    }
    for (uint32_t other = 0; other < site; ++other) {
      graph.AddLink(Gateway(spec, other), gateway, spec.wan_links);
    }
  }
}

}  // namespace ddlsim
