// SPDX-License-Identifier: GPL-2.0-only
//
// GraphBuilder's second half: the order of the program, cycles, and what is posted in order.
#include <functional>
#include <map>
#include <queue>
#include <tuple>

#include "base/input-error.h"
#include "replay/graph-builder.h"

namespace ddlsim {

// The program's order: that of the file where it is topological, else the topological order that
// takes the first possible node of the file each time.
std::vector<uint32_t> GraphBuilder::TopologicalOrder() const {
  const ClassGraph& graph = *m_graph;
  const uint32_t count = graph.NodeCount();
  std::vector<uint32_t> order;
  order.reserve(count);
  if (m_is_topological) {
    for (uint32_t node = 0; node < count; ++node) order.push_back(node);
    return order;
  }
  std::vector<uint32_t> remaining = graph.m_dependency_counts;
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ready;
  for (uint32_t node = 0; node < count; ++node) {
    if (remaining[node] == 0) ready.push(node);
  }
  while (!ready.empty()) {
    const uint32_t node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const uint32_t dependant : graph.Dependants(node)) {
      if (--remaining[dependant] == 0) ready.push(dependant);
    }
  }
  if (order.size() < count) RefuseCycle(remaining);
  return order;
}

void GraphBuilder::RefuseCycle(const std::vector<uint32_t>& remaining) const {
  // Every node with something remaining has a dependency that remains too: walking back ends in a
  // cycle after at most as many steps as there are nodes.
  const auto predecessor = [&](uint32_t node) {
    for (uint64_t i = m_first_dependency[node]; i < m_first_dependency[node + 1]; ++i) {
      if (remaining[m_dependencies[i]] > 0) return static_cast<uint32_t>(m_dependencies[i]);
    }
    return node;
  };
  uint32_t node = 0;
  while (remaining[node] == 0) ++node;
  for (uint32_t steps = 0; steps < m_graph->NodeCount(); ++steps) node = predecessor(node);
  constexpr int kNamesMax = 6;
  std::string cycle = Describe(node);
  int names = 1;
  for (uint32_t other = predecessor(node); other != node; other = predecessor(other)) {
    if (++names <= kNamesMax) cycle += ", which depends on " + Describe(other);
  }
  throw InputError(m_place,
                   "its dependencies are a cycle of " + std::to_string(names) +
                       (names == 1 ? " node: " : " nodes: ") + cycle,
                   "remove one of the dependencies");
}

// Nodes without an equal (same axis, or same peer and tag) need no order; that keeps the per-rank
// state small in traces that give each message a tag of its own.
void GraphBuilder::AssignOrders(const std::vector<uint32_t>& topological_order) {
  ClassGraph& graph = *m_graph;
  using Key = std::tuple<NodeType, bool, uint32_t, int64_t, uint32_t>;
  const auto key_of = [&graph](uint32_t node) {
    const ClassGraph::Communication& c = graph.CommunicationOf(node);
    const bool is_collective = graph.Type(node) == NodeType::kCollective;
    return Key(graph.Type(node), c.peer_is_relative, c.axis, c.peer, is_collective ? 0 : c.tag);
  };
  struct Order {
    uint32_t count = 0;
    uint32_t next = 0;
    uint32_t index = ClassGraph::kNone;
  };
  std::map<Key, Order> orders;
  for (const uint32_t node : topological_order) {
    if (graph.IsCommunication(node)) ++orders[key_of(node)].count;
  }
  for (const uint32_t node : topological_order) {
    if (!graph.IsCommunication(node)) continue;
    Order& order = orders[key_of(node)];
    if (order.count == 1) continue;
    if (order.index == ClassGraph::kNone) order.index = graph.m_order_count++;
    ClassGraph::Communication& c = graph.m_communications[graph.m_communication_index[node]];
    c.order = order.index;
    c.index_in_order = order.next++;
  }
}

}  // namespace ddlsim
