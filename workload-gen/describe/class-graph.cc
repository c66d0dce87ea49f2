// SPDX-License-Identifier: MIT
#include "workload-gen/describe/class-graph.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/input-error.h"
#include "traces/group-index.h"

namespace ddlsim {
namespace {

bool HasWeightsPass(const NodeSource& source) {
  if (!source.workload) return false;
  for (const PassStep& step : StageOrder(source.workload->plan.pipeline, 0)) {
    if (step.kind == PassStep::Kind::kBackwardWeights) return true;
  }
  return false;
}

}  // namespace

// Who meets whom, in classes instead of ranks.
class ClassGraph::Peers {
 public:
  // A message by what both ends know of it.
  using Key = std::tuple<uint32_t, uint32_t, size_t, int64_t, uint32_t, uint64_t>;

  explicit Peers(const NodeSource& source)
      : m_set(source.set), m_index(source.set), m_class_of(source.set.rank_count) {
    for (size_t i = 0; i < m_set.classes.size(); ++i) {
      for (uint32_t rank : m_set.classes[i].ranks) m_class_of[rank] = static_cast<uint32_t>(i);
      m_is_one_each = m_is_one_each && m_set.classes[i].ranks.size() == 1;
    }
    m_counts.resize(m_set.classes.size());
  }

  Key KeyOf(const GraphNode& node, uint32_t own) {
    const bool is_send = node.type == NodeType::kSend;
    size_t axis = 0;
    int64_t offset = 0;
    if (!m_is_one_each) {
      if (!node.peer_is_relative) Refuse(own, "name their peers by number");
      axis = m_index.AxisOf(node.group);
      const uint32_t rank = m_set.classes[own].ranks.front();
      const auto size = static_cast<int64_t>(m_index.FindOrThrow(node.group, rank).group->size());
      // As the sender counts.
      const int64_t away = is_send ? int64_t{node.peer_offset} : -int64_t{node.peer_offset};
      offset = (away % size + size) % size;
    }
    const uint32_t peer = PeerClass(node, own);
    return {is_send ? own : peer, is_send ? peer : own, axis, offset, node.tag, node.size_bytes};
  }

  // Where the class's next collective on this group meets other classes; kNone: it meets none.
  uint32_t MeetingOf(const GraphNode& node, uint32_t own, uint32_t& meeting_count) {
    const size_t axis = m_index.AxisOf(node.group);
    const std::vector<uint32_t>& classes = ClassesOn(axis, node.group, own);
    if (classes.size() == 1) return kNone;
    const uint32_t number = m_counts[own][axis]++;
    // Groups of one rank per class may be several with the same classes; they meet alike.
    const auto [found, is_new] = m_meetings.try_emplace({axis, classes, number}, meeting_count);
    if (is_new) ++meeting_count;
    return found->second;
  }

  std::map<Key, Messages>& All() { return m_messages; }
  const std::map<Key, Messages>& All() const { return m_messages; }

 private:
  [[noreturn]] void Refuse(uint32_t own, const char* problem) const {
    throw InputError(absl::StrCat("ranks of class ", own), problem,
                     "export the set to one file per rank (ddl-trace export)");
  }

  uint32_t PeerClass(const GraphNode& node, uint32_t own) {
    const std::vector<uint32_t>& ranks = m_set.classes[own].ranks;
    if (m_is_one_each) return m_class_of[m_set.PeerOf(node, ranks.front())];
    const auto key = std::make_tuple(own, m_index.AxisOf(node.group), node.peer_offset);
    const auto [found, is_new] = m_peer_classes.try_emplace(key, 0);
    if (!is_new) return found->second;
    for (uint32_t rank : ranks) {
      const auto member = m_index.FindOrThrow(node.group, rank);
      const uint32_t peer = RelativePeer(*member.group, member.index, node.peer_offset);
      if (rank == ranks.front()) found->second = m_class_of[peer];
      if (m_class_of[peer] != found->second) Refuse(own, "have peers of different classes");
    }
    return found->second;
  }

  const std::vector<uint32_t>& ClassesOn(size_t axis, const std::string& name, uint32_t own) {
    const auto [found, is_new] = m_group_classes.try_emplace({own, axis});
    if (!is_new) return found->second;
    for (uint32_t rank : m_set.classes[own].ranks) {
      std::set<uint32_t> classes;
      for (uint32_t member : *m_index.FindOrThrow(name, rank).group) {
        classes.insert(m_class_of[member]);
      }
      std::vector<uint32_t> list(classes.begin(), classes.end());
      if (rank == m_set.classes[own].ranks.front()) found->second = list;
      if (list != found->second) Refuse(own, "share groups with different classes");
    }
    return found->second;
  }

  const TraceSet& m_set;
  const GroupIndex m_index;
  std::vector<uint32_t> m_class_of;
  bool m_is_one_each = true;
  std::map<Key, Messages> m_messages;
  std::map<std::tuple<uint32_t, size_t, int32_t>, uint32_t> m_peer_classes;
  std::map<std::pair<uint32_t, size_t>, std::vector<uint32_t>> m_group_classes;
  std::vector<std::map<size_t, uint32_t>> m_counts;  // collectives by class and axis
  std::map<std::tuple<size_t, std::vector<uint32_t>, uint32_t>, uint32_t> m_meetings;
};

ClassGraph::ClassGraph(const NodeSource& source) {
  Peers peers(source);
  for (size_t i = 0; i < source.set.classes.size(); ++i) {
    Load(source, static_cast<uint32_t>(i), peers);
  }
  JoinMessages(peers);
}

void ClassGraph::Load(const NodeSource& source, uint32_t rank_class, Peers& peers) {
  const bool has_weights_pass = HasWeightsPass(source);
  std::unordered_map<uint64_t, uint32_t> index_of;
  // Dependencies may stand before what they name.
  std::vector<std::pair<uint64_t, uint32_t>> dependencies;
  source.for_each(rank_class, [&](const GraphNode& node) {
    if (m_nodes.size() == kNodesMax) {
      throw InputError(source.set.path, absl::StrCat("has more than ", kNodesMax, " nodes"),
                       "generate fewer iterations");
    }
    const auto index = static_cast<uint32_t>(m_nodes.size());
    index_of[node.id] = index;
    for (const auto* list : {&node.data_dependencies, &node.control_dependencies}) {
      for (uint64_t id : *list) dependencies.push_back({id, index});
    }
    Node own;
    own.rank_class = rank_class;
    own.type = node.type;
    const bool is_computing = node.type == NodeType::kCompute ||
                              node.type == NodeType::kMemoryLoad ||
                              node.type == NodeType::kMemoryStore;
    if (is_computing) {
      const bool is_known = node.duration_ns != kNoDuration;
      own.duration_ns = is_known ? node.duration_ns : 0;
      if (!is_known && (node.operations > 0 || node.memory_bytes > 0)) ++m_unknown_durations;
      if (source.has_passes) own.pass = ParsePassName(node.name, has_weights_pass);
      const auto [found, is_new] = m_operation_class_of.try_emplace(
          node.operation_class, static_cast<uint32_t>(m_operation_classes.size()));
      if (is_new) m_operation_classes.push_back(node.operation_class);
      own.operation_class = found->second;
    }
    m_nodes.push_back(own);
    if (!is_computing) AddCommunication(node, index, peers);
  });
  for (const auto& [id, to] : dependencies) {
    const auto from = index_of.find(id);
    if (from != index_of.end()) m_edges.push_back({from->second, to});
  }
}

void ClassGraph::AddCommunication(const GraphNode& node, uint32_t index, Peers& peers) {
  Node& own = m_nodes[index];
  if (node.type == NodeType::kCollective) {
    own.meeting = peers.MeetingOf(node, own.rank_class, m_meeting_count);
    return;
  }
  Messages& messages = peers.All()[peers.KeyOf(node, own.rank_class)];
  (node.type == NodeType::kSend ? messages.sends : messages.receives).push_back(index);
}

void ClassGraph::JoinMessages(const Peers& peers) {
  for (const auto& [key, messages] : peers.All()) {
    if (messages.sends.size() != messages.receives.size()) {
      throw InputError("messages", "have no partner when ranks stand for their class",
                       "export the set to one file per rank (ddl-trace export)");
    }
    for (size_t i = 0; i < messages.sends.size(); ++i) {
      m_edges.push_back({messages.sends[i], messages.receives[i]});
    }
  }
}

}  // namespace ddlsim
