// SPDX-License-Identifier: MIT
#include "topology/graph-measures.h"

#include <algorithm>
#include <vector>

#include "base/input-error.h"
#include "fabric/fabric.h"

namespace ddlsim {
namespace {

// Maximum flow with unit capacities by augmenting paths (Ford and Fulkerson).
class UnitFlow {
 public:
  explicit UnitFlow(uint32_t nodes) : m_arcs(nodes) {}

  void Join(uint32_t from, uint32_t to, int there, int back) {
    m_arcs[from].push_back({to, static_cast<uint32_t>(m_arcs[to].size()), there});
    m_arcs[to].push_back({from, static_cast<uint32_t>(m_arcs[from].size() - 1), back});
  }

  uint32_t Between(uint32_t source, uint32_t sink) {
    uint32_t flow = 0;
    while (Augment(source, sink)) ++flow;
    return flow;
  }

 private:
  struct Arc {
    uint32_t to;
    uint32_t reverse;
    int free;
  };

  bool Augment(uint32_t source, uint32_t sink) {
    std::vector<Arc*> came_by(m_arcs.size(), nullptr);
    std::vector<uint32_t> queue{source};
    for (size_t i = 0; i < queue.size() && came_by[sink] == nullptr; ++i) {
      for (Arc& arc : m_arcs[queue[i]]) {
        if (arc.free == 0 || arc.to == source || came_by[arc.to] != nullptr) continue;
        came_by[arc.to] = &arc;
        queue.push_back(arc.to);
      }
    }
    if (came_by[sink] == nullptr) return false;
    for (uint32_t node = sink; node != source;) {
      Arc& arc = *came_by[node];
      Arc& reverse = m_arcs[node][arc.reverse];
      --arc.free;
      ++reverse.free;
      node = reverse.to;
    }
    return true;
  }

  std::vector<std::vector<Arc>> m_arcs;
};

auto KeyOf(const LinkConfig& link) {
  return std::tie(link.rate_bps, link.delay_ps, link.loss);
}

}  // namespace

NetworkGraph GraphOf(const std::function<void(NetworkGraph&)>& fill) {
  NetworkGraph graph;
  fill(graph);
  graph.Canonicalize();
  return graph;
}

uint32_t SwitchCount(const NetworkGraph& graph) {
  return static_cast<uint32_t>(graph.Nodes().size()) - graph.HostCount();
}

uint32_t FabricLinkCount(const NetworkGraph& graph) {
  const auto is_fabric = [&graph](const GraphLinkInfo& link) {
    return link.a >= graph.HostCount() && link.b >= graph.HostCount();
  };
  return static_cast<uint32_t>(
      std::count_if(graph.Links().begin(), graph.Links().end(), is_fabric));
}

uint32_t RoutedDiameter(const NetworkGraph& graph) {
  const Fabric fabric(graph, {});
  size_t links = 2;
  for (uint32_t a = 0; a < graph.HostCount(); ++a) {
    for (uint32_t b = 0; b < graph.HostCount(); ++b) {
      if (a != b) links = std::max(links, fabric.Path(a, b, a * 7919 + b).size());
    }
  }
  return static_cast<uint32_t>(links - 2);
}

uint32_t HalvesCut(const NetworkGraph& graph) {
  const auto nodes = static_cast<uint32_t>(graph.Nodes().size());
  UnitFlow flow(nodes + 2);
  for (const GraphLinkInfo& link : graph.Links()) flow.Join(link.a, link.b, 1, 1);
  for (uint32_t host = 0; host < graph.HostCount(); ++host) {
    const bool is_first = host < graph.HostCount() / 2;
    flow.Join(is_first ? nodes : host, is_first ? host : nodes + 1, 1, 0);
  }
  return flow.Between(nodes, nodes + 1);
}

DegreeRange Degrees(const NetworkGraph& graph, const std::string& prefix) {
  std::vector<uint32_t> degrees(graph.Nodes().size());
  for (const GraphLinkInfo& link : graph.Links()) {
    ++degrees[link.a];
    ++degrees[link.b];
  }
  DegreeRange range;
  for (size_t i = graph.HostCount(); i < degrees.size(); ++i) {
    if (graph.Nodes()[i].name.rfind(prefix, 0) != 0) continue;
    range.low = std::min(range.low, degrees[i]);
    range.high = std::max(range.high, degrees[i]);
  }
  return range;
}

bool IsSame(const NetworkGraph& x, const NetworkGraph& y) {
  if (x.Nodes().size() != y.Nodes().size() || x.Links().size() != y.Links().size()) return false;
  for (size_t i = 0; i < x.Nodes().size(); ++i) {
    const GraphNodeInfo &a = x.Nodes()[i], &b = y.Nodes()[i];
    if (a.name != b.name || a.is_host != b.is_host) return false;
    if (a.config.buffer_bytes != b.config.buffer_bytes && !a.is_host) return false;
    if (a.config.latency_ps != b.config.latency_ps && !a.is_host) return false;
  }
  for (size_t i = 0; i < x.Links().size(); ++i) {
    const GraphLinkInfo &a = x.Links()[i], &b = y.Links()[i];
    if (a.a != b.a || a.b != b.b) return false;
    if (KeyOf(a.config) != KeyOf(b.config) || KeyOf(a.back) != KeyOf(b.back)) return false;
  }
  return true;
}

std::string RefusalOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace ddlsim
