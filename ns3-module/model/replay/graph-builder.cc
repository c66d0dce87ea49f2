// SPDX-License-Identifier: GPL-2.0-only
#include "replay/graph-builder.h"

#include <algorithm>

#include "base/input-error.h"
#include "fabric/time.h"

namespace ddlsim {
namespace {

constexpr uint64_t kPsPerNs = 1000;

std::string DescribeNode(uint64_t id, const std::string& name) {
  return "node " + std::to_string(id) + (name.empty() ? "" : " '" + Printable(name) + "'");
}

bool IsCommunication(NodeType type) {
  return type == NodeType::kSend || type == NodeType::kReceive || type == NodeType::kCollective;
}

}  // namespace

GraphBuilder::GraphBuilder(std::string place, const CommunicatorTable& communicators,
                           const DurationModel& durations)
    : m_place(std::move(place)),
      m_communicators(communicators),
      m_durations(durations),
      m_graph(std::make_unique<ClassGraph>()) {
  m_graph->m_name_offsets.push_back(0);
  m_first_dependency.push_back(0);
}

void GraphBuilder::Add(const GraphNode& node) {
  ClassGraph& graph = *m_graph;
  if (graph.m_ids.size() >= ClassGraph::kNone - 1) {
    throw InputError(m_place, "has more than 4 billion nodes", "split the trace");
  }
  const bool is_communication = IsCommunication(node.type);
  if (is_communication) {
    graph.m_communication_index.push_back(static_cast<uint32_t>(graph.m_communications.size()));
    graph.m_communications.push_back(CommunicationOf(node));
    graph.m_communications.back().shares = SharesIndex(node.shares);
    graph.m_amounts.push_back(node.size_bytes);
  } else {
    graph.m_communication_index.push_back(ClassGraph::kNone);
    graph.m_amounts.push_back(DurationPs(node));
  }
  graph.m_ids.push_back(node.id);
  graph.m_types.push_back(node.type);
  graph.m_names.insert(graph.m_names.end(), node.name.begin(), node.name.end());
  graph.m_name_offsets.push_back(graph.m_names.size());
  const size_t first = m_dependencies.size();
  m_dependencies.insert(m_dependencies.end(), node.control_dependencies.begin(),
                        node.control_dependencies.end());
  m_dependencies.insert(m_dependencies.end(), node.data_dependencies.begin(),
                        node.data_dependencies.end());
  std::sort(m_dependencies.begin() + first, m_dependencies.end());
  m_dependencies.erase(std::unique(m_dependencies.begin() + first, m_dependencies.end()),
                       m_dependencies.end());
  m_first_dependency.push_back(m_dependencies.size());
}

uint64_t GraphBuilder::DurationPs(const GraphNode& node) const {
  const std::string place = m_place + ": " + DescribeNode(node.id, node.name);
  if (node.duration_ns != kNoDuration) {
    if (node.duration_ns > kDurationMaxNs) {
      throw InputError(place, "lasts longer than " + std::to_string(kDurationMaxNs) + " ns",
                       "state durations in nanoseconds");
    }
    return node.duration_ns * kPsPerNs;
  }
  if (node.type != NodeType::kCompute) {
    if (node.memory_bytes == 0) return 0;
    if (m_durations.memory_rate_bps == 0) {
      throw InputError(place, "states bytes and no duration", "name the GPU with --hardware");
    }
    return SerializationPs(node.memory_bytes, m_durations.memory_rate_bps);
  }
  if (node.operations == 0 && node.memory_bytes == 0) return 0;
  if (!m_durations.compute_ps) {
    throw InputError(place, "states operations and no duration", "name the GPU with --hardware");
  }
  return m_durations.compute_ps(node);
}

ClassGraph::Communication GraphBuilder::CommunicationOf(const GraphNode& node) const {
  const std::string place = m_place + ": " + DescribeNode(node.id, node.name);
  ClassGraph::Communication communication;
  communication.collective = node.collective;
  communication.root = node.root;
  communication.tag = node.tag;
  communication.is_copy = node.is_copy;
  const bool is_collective = node.type == NodeType::kCollective;
  communication.peer_is_relative = !is_collective && node.peer_is_relative;
  if (is_collective || communication.peer_is_relative) {
    communication.axis = m_communicators.FindAxis(node.group);
    if (communication.axis == CommunicatorTable::kNone) {
      throw InputError(place, "names a group '" + Printable(node.group) + "' that does not exist",
                       "define it in the groups of the trace set");
    }
  }
  if (communication.peer_is_relative) {
    communication.peer = node.peer_offset;
  } else if (!is_collective) {
    communication.peer = node.peer_rank;
    if (node.peer_rank >= m_communicators.RankCount()) {
      throw InputError(place,
                       "names rank " + std::to_string(node.peer_rank) + " of " +
                           std::to_string(m_communicators.RankCount()),
                       "name a rank of the trace set");
    }
  }
  return communication;
}

uint32_t GraphBuilder::SharesIndex(const MemberShares& shares) {
  if (shares.IsEmpty()) return ClassGraph::kNone;
  const auto number = static_cast<uint32_t>(m_graph->m_shares.size());
  const auto [found, is_new] = m_shares.try_emplace({shares.are_sent, shares.weights}, number);
  if (is_new) m_graph->m_shares.push_back(shares);
  return found->second;
}

std::unique_ptr<const ClassGraph> GraphBuilder::Finish() {
  ResolveDependencies();
  LinkDependants();
  AssignOrders(TopologicalOrder());
  ClassGraph& graph = *m_graph;
  graph.m_ids.shrink_to_fit();
  graph.m_amounts.shrink_to_fit();
  graph.m_types.shrink_to_fit();
  graph.m_communication_index.shrink_to_fit();
  graph.m_name_offsets.shrink_to_fit();
  graph.m_names.shrink_to_fit();
  graph.m_communications.shrink_to_fit();
  return std::move(m_graph);
}

void GraphBuilder::ResolveDependencies() {
  const ClassGraph& graph = *m_graph;
  std::vector<std::pair<uint64_t, uint32_t>> position_of_id;
  position_of_id.reserve(graph.NodeCount());
  for (uint32_t node = 0; node < graph.NodeCount(); ++node) {
    position_of_id.emplace_back(graph.m_ids[node], node);
  }
  std::sort(position_of_id.begin(), position_of_id.end());
  for (size_t i = 1; i < position_of_id.size(); ++i) {
    if (position_of_id[i].first != position_of_id[i - 1].first) continue;
    throw InputError(m_place,
                     "two nodes have the identifier " + std::to_string(position_of_id[i].first),
                     "give every node an identifier of its own");
  }
  for (uint32_t node = 0; node < graph.NodeCount(); ++node) {
    for (uint64_t i = m_first_dependency[node]; i < m_first_dependency[node + 1]; ++i) {
      const uint64_t id = m_dependencies[i];
      const auto found = std::lower_bound(position_of_id.begin(), position_of_id.end(),
                                          std::make_pair(id, uint32_t{0}));
      if (found == position_of_id.end() || found->first != id) {
        throw InputError(
            m_place,
            Describe(node) + " depends on node " + std::to_string(id) + ", which does not exist",
            "add the node or remove the dependency");
      }
      m_dependencies[i] = found->second;
      if (found->second >= node) m_is_topological = false;
    }
  }
}

// Counting sort by dependency: filling in the order of nodes leaves dependants ascending.
void GraphBuilder::LinkDependants() {
  ClassGraph& graph = *m_graph;
  const uint32_t count = graph.NodeCount();
  if (m_dependencies.size() >= UINT32_MAX) {
    throw InputError(m_place, "has more than 4 billion dependencies", "split the trace");
  }
  graph.m_dependency_counts.resize(count);
  graph.m_first_dependant.assign(count + 1, 0);
  for (const uint64_t dependency : m_dependencies) ++graph.m_first_dependant[dependency + 1];
  for (uint32_t node = 0; node < count; ++node) {
    graph.m_first_dependant[node + 1] += graph.m_first_dependant[node];
  }
  graph.m_dependants.resize(m_dependencies.size());
  std::vector<uint32_t> next(graph.m_first_dependant.begin(), graph.m_first_dependant.end() - 1);
  for (uint32_t node = 0; node < count; ++node) {
    graph.m_dependency_counts[node] =
        static_cast<uint32_t>(m_first_dependency[node + 1] - m_first_dependency[node]);
    for (uint64_t i = m_first_dependency[node]; i < m_first_dependency[node + 1]; ++i) {
      graph.m_dependants[next[m_dependencies[i]]++] = node;
    }
  }
}

std::string GraphBuilder::Describe(uint32_t node) const {
  return DescribeNode(m_graph->Id(node), std::string(m_graph->Name(node)));
}

}  // namespace ddlsim
