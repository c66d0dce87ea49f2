// SPDX-License-Identifier: GPL-2.0-only
#include "cluster/switch-reduction.h"

#include <algorithm>
#include <string>

namespace ddlsim {
namespace {

constexpr uint64_t kEngineDelayPs = 1000;  // within the switch's chip

using Neighbours = std::vector<std::vector<uint32_t>>;

// By node, in ascending order.
Neighbours NeighboursOf(const NetworkGraph& graph) {
  Neighbours neighbours(graph.Nodes().size());
  for (const GraphLinkInfo& link : graph.Links()) {
    neighbours[link.a].push_back(link.b);
    neighbours[link.b].push_back(link.a);
  }
  for (std::vector<uint32_t>& of_node : neighbours) std::sort(of_node.begin(), of_node.end());
  return neighbours;
}

struct Search {
  std::vector<uint32_t> distance;  // kNone: not reached
  std::vector<uint32_t> from;      // the node before; kNone at the first
};

// Breadth first through switches.
Search SearchFrom(uint32_t first, uint32_t hosts, const Neighbours& neighbours) {
  constexpr uint32_t kNone = SwitchReduction::kNone;
  Search search{std::vector<uint32_t>(neighbours.size(), kNone),
                std::vector<uint32_t>(neighbours.size(), kNone)};
  std::vector<uint32_t> queue{first};
  search.distance[first] = 0;
  for (size_t i = 0; i < queue.size(); ++i) {
    if (queue[i] < hosts) continue;
    for (uint32_t next : neighbours[queue[i]]) {
      if (search.distance[next] != kNone) continue;
      search.distance[next] = search.distance[queue[i]] + 1;
      search.from[next] = queue[i];
      queue.push_back(next);
    }
  }
  return search;
}

// How far the farthest of these hosts is; kNone where one cannot be reached.
uint32_t Farthest(const Search& search, const std::vector<uint32_t>& hosts) {
  uint32_t farthest = 0;
  for (uint32_t host : hosts) farthest = std::max(farthest, search.distance[host]);
  return farthest;
}

}  // namespace

void AddSwitchEngines(NetworkGraph& graph) {
  const uint32_t hosts = graph.HostCount();
  const std::vector<GraphNodeInfo> nodes = graph.Nodes();
  const Neighbours neighbours = NeighboursOf(graph);
  std::vector<uint64_t> rate_bps(nodes.size(), 0);
  for (const GraphLinkInfo& link : graph.Links()) {
    rate_bps[link.a] += std::max(link.config.rate_bps, link.back.rate_bps);
    rate_bps[link.b] += std::max(link.config.rate_bps, link.back.rate_bps);
  }
  for (uint32_t i = hosts; i < nodes.size(); ++i) {
    if (nodes[i].config.is_scale_up) continue;
    // An engine is of the domain of the hosts that its switch reaches.
    const Search search = SearchFrom(i, hosts, neighbours);
    for (uint32_t host = 0; host < hosts; ++host) {
      if (search.distance[host] == SwitchReduction::kNone) continue;
      const std::string name = nodes[i].name + "/engine";
      LinkConfig link;
      link.rate_bps = rate_bps[i];
      link.delay_ps = kEngineDelayPs;
      graph.AddEngine(name, nodes[host].domain);
      graph.AddLink(name, nodes[i].name, link);
      break;
    }
  }
  graph.Canonicalize();
}

SwitchReduction MakeSwitchReduction(const NetworkGraph& graph,
                                    const std::vector<std::vector<uint32_t>>& nics) {
  constexpr uint32_t kNone = SwitchReduction::kNone;
  const uint32_t hosts = graph.HostCount();
  const std::vector<GraphNodeInfo>& nodes = graph.Nodes();
  const Neighbours neighbours = NeighboursOf(graph);
  SwitchReduction reduction;
  reduction.switch_of_endpoint.resize(hosts);
  reduction.engine_of_switch.assign(nodes.size(), kNone);
  for (uint32_t host = 0; host < hosts; ++host) {
    reduction.switch_of_endpoint[host] = neighbours[host].front();
    if (nodes[host].is_engine) reduction.engine_of_switch[neighbours[host].front()] = host;
  }
  std::vector<Search> searches;  // from the switches that have engines
  for (uint32_t i = hosts; i < nodes.size(); ++i) {
    if (reduction.engine_of_switch[i] != kNone)
      searches.push_back(SearchFrom(i, hosts, neighbours));
  }
  for (uint32_t number = 0; number < nics.size(); ++number) {
    uint32_t least = kNone;
    for (const Search& search : searches) least = std::min(least, Farthest(search, nics[number]));
    std::vector<const Search*> centres;
    for (const Search& search : searches) {
      if (least != kNone && Farthest(search, nics[number]) == least) centres.push_back(&search);
    }
    reduction.switch_above.emplace_back(nodes.size(), kNone);
    if (!centres.empty()) reduction.switch_above.back() = centres[number % centres.size()]->from;
  }
  return reduction;
}

}  // namespace ddlsim
