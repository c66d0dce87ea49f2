// SPDX-License-Identifier: GPL-2.0-only
#include "topology/leaf-spine.h"

#include <algorithm>

#include "base/input-error.h"

namespace ddlsim {

uint32_t CeilSquareRoot(uint32_t value) {
  uint32_t root = 0;
  while (uint64_t{root} * root < value) ++root;
  return root;
}

LeafSpineSpec ResolveLeafSpine(LeafSpineSpec spec) {
  if (spec.hosts.host_count == 0) {
    const uint64_t product = uint64_t{spec.leaves} * spec.hosts_per_leaf;
    spec.hosts.host_count =
        product == 0 ? 16 : static_cast<uint32_t>(std::min<uint64_t>(product, UINT32_MAX));
  }
  CheckHosts(spec.hosts, spec.first_host == 0 && spec.prefix.empty() ? 2 : 1);
  const uint32_t hosts = spec.hosts.host_count;
  if (spec.hosts_per_leaf == 0) {
    spec.hosts_per_leaf = spec.leaves == 0 ? CeilSquareRoot(hosts) : CeilDivide(hosts, spec.leaves);
  }
  const uint32_t leaves_needed = CeilDivide(hosts, spec.hosts_per_leaf);
  if (spec.leaves == 0) spec.leaves = leaves_needed;
  if (spec.leaves < leaves_needed) {
    throw InputError("--leaves",
                     std::to_string(spec.leaves) + " leaves of " +
                         std::to_string(spec.hosts_per_leaf) + " hosts do not hold " +
                         std::to_string(hosts) + " hosts",
                     "raise it to " + std::to_string(leaves_needed) + " or leave it out");
  }
  if (spec.spines == 0) {
    spec.spines = std::min(spec.hosts_per_leaf, hosts) * spec.hosts.nics_per_host;
  }
  CheckLinkCount("--spines", uint64_t{spec.leaves} * spec.spines);
  return spec;
}

void AddLeafSpine(NetworkGraph& graph, const LeafSpineSpec& spec, const TopologyParts& parts) {
  const std::string leaf = spec.prefix + "leaf-", spine = spec.prefix + "spine-";
  for (uint32_t i = 0; i < spec.leaves; ++i) graph.AddSwitch(NodeName(leaf, i), parts.switches);
  for (uint32_t i = 0; i < spec.hosts.host_count; ++i) {
    AddHostAt(graph, spec.hosts, spec.first_host + i, NodeName(leaf, i / spec.hosts_per_leaf),
              parts.links);
  }
  for (uint32_t j = 0; j < spec.spines; ++j) {
    graph.AddSwitch(NodeName(spine, j), parts.switches);
    for (uint32_t i = 0; i < spec.leaves; ++i) {
      graph.AddLink(NodeName(leaf, i), NodeName(spine, j), parts.fabric_links);
    }
  }
}

}  // namespace ddlsim
