// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/cluster-ranks.h"

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ddlsim {

RankMap MakeRankMap(const ClusterMap& cluster, const NetworkGraph& graph) {
  std::map<std::string, uint32_t> numbers;
  for (uint32_t host = 0; host < graph.HostCount(); ++host) {
    numbers.emplace(graph.Nodes()[host].name, host);
  }
  const auto number = [&numbers](const std::string& name) {
    const auto found = numbers.find(name);
    if (found == numbers.end()) throw std::logic_error("the network lacks '" + name + "'");
    return found->second;
  };
  std::vector<RankPlacement> placements(cluster.RankCount());
  for (uint32_t rank = 0; rank < cluster.RankCount(); ++rank) {
    RankPlacement& placement = placements[rank];
    placement.host = cluster.HostOf(rank);
    placement.gpu = cluster.GpuOf(rank);
    placement.domain = cluster.DomainOfHost(placement.host);
    placement.scale_out = cluster.HasScaleOut() ? number(cluster.NicEndpoint(rank)) : kNoEndpoint;
    placement.scale_up = cluster.HasScaleUp() ? number(cluster.GpuEndpoint(rank)) : kNoEndpoint;
  }
  std::vector<uint32_t> engines;
  for (const RankPlacement& placement : placements) {
    if (placement.domain < engines.size()) continue;
    const uint32_t first_host = placement.domain * cluster.HostType().scale_up.hosts_per_domain;
    const auto found = numbers.find(cluster.EngineName(first_host));
    engines.resize(placement.domain + 1, kNoEndpoint);
    if (found != numbers.end()) engines.back() = found->second;
  }
  RankMap ranks(std::move(placements));
  ranks.SetEngines(std::move(engines));
  return ranks;
}

}  // namespace ddlsim
