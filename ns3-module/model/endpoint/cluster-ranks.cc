// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/cluster-ranks.h"

#include <algorithm>
#include <map>
#include <memory>
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

// What the engines of the graph's switches add up; null: there are none.
std::shared_ptr<const SwitchReduction> ReductionOf(const NetworkGraph& graph,
                                                   const std::vector<std::vector<uint32_t>>& nics) {
  const auto begin = graph.Nodes().begin(), end = begin + graph.HostCount();
  const bool has_engines =
      std::any_of(begin, end, [](const GraphNodeInfo& node) { return node.is_engine; });
  if (!has_engines) return nullptr;
  return std::make_shared<const SwitchReduction>(MakeSwitchReduction(graph, nics));
}

// Of a mesh; a torus spans hosts, and the other networks are shared.
void SetGpuLinks(const Host& host, RankMap& ranks) {
  if (host.scale_up.kind != ScaleUpKind::kMesh) return;
  const size_t gpus = host.gpu_count;
  std::vector<uint64_t> rates_bps(gpus * gpus, 0);
  for (const GpuLink& link : host.scale_up.links) {
    rates_bps[link.a * gpus + link.b] += link.bricks * host.scale_up.rate_bps;
    rates_bps[link.b * gpus + link.a] += link.bricks * host.scale_up.rate_bps;
  }
  ranks.SetGpuLinks(host.gpu_count, std::move(rates_bps));
}

}  // namespace

RankMap MakeRankMap(uint32_t rank_count, const NetworkGraph& graph) {
  std::vector<std::vector<uint32_t>> nics(1);
  for (uint32_t host = 0; host < graph.HostCount(); ++host) {
    if (!graph.Nodes()[host].is_engine) nics.front().push_back(host);
  }
  std::vector<RankPlacement> placements;
  for (uint32_t rank = 0; rank < rank_count; ++rank) {
    placements.push_back({rank, 0, nics.front().at(rank)});
  }
  RankMap ranks(std::move(placements));
  ranks.SetSwitchReduction(ReductionOf(graph, nics));
  return ranks;
}

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
  const uint32_t nic_count = cluster.HostType().nic_count;
  const std::vector<std::string> nic_names = cluster.NicEndpoints();
  std::vector<std::vector<uint32_t>> nics(nic_count);
  for (size_t i = 0; i < nic_names.size(); ++i) nics[i % nic_count].push_back(number(nic_names[i]));
  ranks.SetSwitchReduction(ReductionOf(graph, nics));
  ranks.SetRings(cluster.HostType().scale_up.rings);
  SetGpuLinks(cluster.HostType(), ranks);
  return ranks;
}

}  // namespace ddlsim
