// SPDX-License-Identifier: MIT
#include "workload-gen/describe/ideal-run.h"

#include <algorithm>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr uint32_t kNone = ClassGraph::kNone;

class Runner {
 public:
  explicit Runner(const ClassGraph& graph)
      : m_graph(graph),
        m_nodes(graph.Nodes()),
        m_waits_for(m_nodes.size()),
        m_before(m_nodes.size(), kNone),
        m_first_edge(m_nodes.size() + 1),
        m_meetings(graph.MeetingCount()) {
    m_run.begin_ns.resize(m_nodes.size());
    m_run.end_ns.resize(m_nodes.size());
    for (const ClassGraph::Edge& edge : graph.Edges()) {
      ++m_waits_for[edge.to];
      ++m_first_edge[edge.from + 1];
    }
    for (size_t i = 0; i < m_nodes.size(); ++i) m_first_edge[i + 1] += m_first_edge[i];
    m_targets.resize(graph.Edges().size());
    std::vector<uint32_t> next(m_first_edge.begin(), m_first_edge.end() - 1);
    for (const ClassGraph::Edge& edge : graph.Edges()) m_targets[next[edge.from]++] = edge.to;
    for (uint32_t i = 0; i < m_nodes.size(); ++i) {
      if (m_nodes[i].meeting != kNone) ++m_meetings[m_nodes[i].meeting].missing;
    }
  }

  IdealRun Run() {
    for (uint32_t i = 0; i < m_nodes.size(); ++i) {
      if (m_waits_for[i] == 0) m_ready.push_back(i);
    }
    while (!m_ready.empty()) {
      const uint32_t node = m_ready.back();
      m_ready.pop_back();
      Begin(node);
    }
    if (m_ended != m_nodes.size()) {
      throw InputError("the graph", "ranks wait for each other for ever",
                       "look for messages and collectives in different orders on their ranks");
    }
    Trace();
    return std::move(m_run);
  }

 private:
  struct Meeting {
    uint32_t missing = 0;
    uint32_t last = kNone;  // member that came last
    std::vector<uint32_t> members;
  };

  void Begin(uint32_t node) {
    if (m_nodes[node].meeting == kNone) return End(node);
    Meeting& meeting = m_meetings[m_nodes[node].meeting];
    meeting.members.push_back(node);
    const auto came = [this](uint32_t member) { return m_run.begin_ns[member]; };
    if (meeting.last == kNone || came(node) > came(meeting.last)) meeting.last = node;
    if (--meeting.missing > 0) return;
    for (uint32_t member : meeting.members) {
      m_run.begin_ns[member] = came(meeting.last);
      m_before[member] = m_before[meeting.last];
      End(member);
    }
  }

  void End(uint32_t node) {
    const uint64_t end = m_run.end_ns[node] = m_run.begin_ns[node] + m_nodes[node].duration_ns;
    ++m_ended;
    for (uint32_t i = m_first_edge[node]; i < m_first_edge[node + 1]; ++i) {
      const uint32_t target = m_targets[i];
      if (m_before[target] == kNone || end > m_run.begin_ns[target]) {
        m_run.begin_ns[target] = end;
        m_before[target] = node;
      }
      if (--m_waits_for[target] == 0) m_ready.push_back(target);
    }
  }

  void Trace() {
    uint32_t last = kNone;
    for (uint32_t i = 0; i < m_nodes.size(); ++i) {
      if (last == kNone || m_run.end_ns[i] > m_run.end_ns[last]) last = i;
    }
    if (last == kNone) return;
    m_run.total_ns = m_run.end_ns[last];
    for (uint32_t node = last; node != kNone; node = m_before[node]) {
      m_run.critical_path.push_back(node);
    }
    std::reverse(m_run.critical_path.begin(), m_run.critical_path.end());
  }

  const ClassGraph& m_graph;
  const std::vector<ClassGraph::Node>& m_nodes;
  std::vector<uint32_t> m_waits_for;
  std::vector<uint32_t> m_before;      // whose end a node waited for longest
  std::vector<uint32_t> m_first_edge;  // into m_targets, by node
  std::vector<uint32_t> m_targets;
  std::vector<Meeting> m_meetings;
  std::vector<uint32_t> m_ready;
  size_t m_ended = 0;
  IdealRun m_run;
};

}  // namespace

IdealRun RunIdeally(const ClassGraph& graph) {
  return Runner(graph).Run();
}

}  // namespace ddlsim
