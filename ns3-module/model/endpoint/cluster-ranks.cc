// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/cluster-ranks.h"

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ddlsim {
namespace {

// Planes are the domains of the NICs. `numbers`: of the names of endpoints.
NicPlanes PlanesOf(const ClusterMap& cluster, const NetworkGraph& graph,
                   const std::map<std::string, uint32_t>& numbers) {
  NicPlanes planes;
  for (const std::string& name : cluster.NicEndpoints()) {
    planes.endpoints.push_back(numbers.at(name));
  }
  if (planes.endpoints.empty()) return {};
  std::map<std::string, uint32_t> plane_of_domain;
  for (uint32_t nic = 0; nic < cluster.HostType().nic_count; ++nic) {
    const std::string& domain = graph.Nodes()[planes.endpoints[nic]].domain;
    const auto plane = static_cast<uint32_t>(plane_of_domain.size());
    planes.plane_of_nic.push_back(plane_of_domain.emplace(domain, plane).first->second);
  }
  return plane_of_domain.size() > 1 ? planes : NicPlanes();
}

}  // namespace

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
    placement.nic = cluster.HostType().nic_of_gpu[placement.gpu];
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
  RankMap ranks(std::move(placements), PlanesOf(cluster, graph, numbers));
  ranks.SetEngines(std::move(engines));
  ranks.SetRings(cluster.HostType().scale_up.rings);
  return ranks;
}

}  // namespace ddlsim
