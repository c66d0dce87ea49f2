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
  const uint32_t per_site = CeilDivide(spec.hosts.host_count, spec.sites);
  const uint32_t needed = CeilDivide(spec.hosts.host_count, per_site);
  if (needed != spec.sites) {
    throw InputError("--sites",
                     std::to_string(spec.hosts.host_count) + " hosts, " + std::to_string(per_site) +
                         " per site, leave some of the " + std::to_string(spec.sites) +
                         " sites without any",
                     "choose " + std::to_string(needed) + ", or more --hosts");
  }
  CheckLinkCount("--sites", uint64_t{spec.sites} * (spec.sites - 1) / 2);
  if (!spec.has_leaf_spine) return spec;
  const LeafSpineSpec site = ResolveLeafSpine(SiteSpec(spec, 0, 0, per_site));
  spec.leaves = site.leaves;
  spec.spines = site.spines;
  spec.hosts_per_leaf = site.hosts_per_leaf;
  return spec;
}

void AddWan(NetworkGraph& graph, const WanSpec& spec, const TopologyParts& parts) {
  const uint32_t per_site = CeilDivide(spec.hosts.host_count, spec.sites);
  for (uint32_t site = 0; site < spec.sites; ++site) {
    const std::string gateway = Gateway(spec, site);
    graph.AddSwitch(gateway, parts.switches);
    const uint32_t first = site * per_site;
    const uint32_t last = std::min(first + per_site, spec.hosts.host_count);
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
