// SPDX-License-Identifier: MIT
#include "traces/dependency-check.h"

#include <algorithm>
#include <vector>

#include "base/input-error.h"
#include "traces/trace-reader.h"

namespace ddlsim {
namespace {

constexpr const char* kRemedy = "correct the tool that wrote the file";

[[noreturn]] void RefuseDuplicate(const std::string& place, uint64_t id) {
  throw InputError(place, "node " + std::to_string(id) + " stands twice", kRemedy);
}

// The whole graph of a file: for those that are not in topological order.
class FileGraph {
 public:
  explicit FileGraph(const std::string& file) : m_file(file) {
    TraceReader reader(file);
    GraphNode node;
    while (reader.Next(node)) {
      if (m_ids.size() == UINT32_MAX) {
        throw InputError(file, "has more than 2^32 nodes out of topological order",
                         "write dependencies before their dependants");
      }
      m_ids.push_back(node.id);
      m_begins.push_back(m_dependencies.size());
      Append(node.control_dependencies);
      Append(node.data_dependencies);
    }
    m_begins.push_back(m_dependencies.size());
  }

  // Replaces the identifiers in the dependencies by positions in the file.
  void Resolve() {
    std::vector<uint32_t> by_id(m_ids.size());
    for (uint32_t i = 0; i < by_id.size(); ++i) by_id[i] = i;
    std::sort(by_id.begin(), by_id.end(),
              [this](uint32_t a, uint32_t b) { return m_ids[a] < m_ids[b]; });
    for (size_t i = 1; i < by_id.size(); ++i) {
      if (m_ids[by_id[i - 1]] == m_ids[by_id[i]]) RefuseDuplicate(m_file, m_ids[by_id[i]]);
    }
    for (size_t node = 0; node < m_ids.size(); ++node) {
      for (uint64_t edge = m_begins[node]; edge < m_begins[node + 1]; ++edge) {
        const uint64_t id = m_dependencies[edge];
        const auto found =
            std::lower_bound(by_id.begin(), by_id.end(), id,
                             [this](uint32_t a, uint64_t b) { return m_ids[a] < b; });
        if (found == by_id.end() || m_ids[*found] != id) {
          throw InputError(m_file,
                           "node " + std::to_string(m_ids[node]) + " depends on node " +
                               std::to_string(id) + ", which does not exist",
                           kRemedy);
        }
        m_dependencies[edge] = *found;
      }
    }
  }

  // Depth first along the dependencies; a node met again while it is open closes a cycle.
  void RefuseCycles() const {
    enum State : uint8_t { kNew, kOpen, kDone };
    std::vector<uint8_t> states(m_ids.size(), kNew);
    std::vector<Step> path;
    for (uint32_t start = 0; start < m_ids.size(); ++start) {
      if (states[start] != kNew) continue;
      path.push_back({start, m_begins[start]});
      states[start] = kOpen;
      while (!path.empty()) {
        Step& step = path.back();
        if (step.next_edge == m_begins[step.node + 1]) {
          states[step.node] = kDone;
          path.pop_back();
          continue;
        }
        const auto next = static_cast<uint32_t>(m_dependencies[step.next_edge++]);
        if (states[next] == kOpen) RefuseCycle(path, next);
        if (states[next] == kNew) {
          states[next] = kOpen;
          path.push_back({next, m_begins[next]});
        }
      }
    }
  }

 private:
  struct Step {
    uint32_t node;
    uint64_t next_edge;
  };

  void Append(const std::vector<uint64_t>& dependencies) {
    m_dependencies.insert(m_dependencies.end(), dependencies.begin(), dependencies.end());
  }

  [[noreturn]] void RefuseCycle(const std::vector<Step>& path, uint32_t again) const {
    constexpr size_t kShownMax = 8;
    size_t begin = path.size() - 1;
    while (path[begin].node != again) --begin;
    std::string nodes;
    for (size_t i = begin; i < path.size() && i - begin < kShownMax; ++i) {
      nodes += std::to_string(m_ids[path[i].node]) + " -> ";
    }
    if (path.size() - begin > kShownMax) nodes += "... -> ";
    nodes += std::to_string(m_ids[again]);
    throw InputError(m_file, "the dependencies form a cycle: node " + nodes, kRemedy);
  }

  std::string m_file;
  std::vector<uint64_t> m_ids;
  std::vector<uint64_t> m_begins;        // of each node's dependencies, and the end of the last
  std::vector<uint64_t> m_dependencies;  // identifiers, then positions
};

}  // namespace

bool IdSet::Insert(uint64_t id) {
  auto after = m_last_of_first.upper_bound(id);
  if (after != m_last_of_first.begin()) {
    const auto before = std::prev(after);
    if (id <= before->second) return false;
    if (before->second + 1 == id) {
      before->second = id;
      if (after != m_last_of_first.end() && after->first == id + 1) {
        before->second = after->second;
        m_last_of_first.erase(after);
      }
      return true;
    }
  }
  uint64_t last = id;
  if (after != m_last_of_first.end() && after->first - 1 == id) {
    last = after->second;
    after = m_last_of_first.erase(after);
  }
  m_last_of_first.emplace_hint(after, id, last);
  return true;
}

bool IdSet::Contains(uint64_t id) const {
  const auto after = m_last_of_first.upper_bound(id);
  return after != m_last_of_first.begin() && id <= std::prev(after)->second;
}

void DependencyCheck::Add(const GraphNode& node, const std::string& place) {
  if (!m_is_topological) return;
  for (const auto* dependencies : {&node.control_dependencies, &node.data_dependencies}) {
    for (uint64_t id : *dependencies) m_is_topological &= m_ids.Contains(id);
  }
  if (!m_ids.Insert(node.id)) RefuseDuplicate(place, node.id);
  if (!m_is_topological) m_ids.Clear();
}

bool DependencyCheck::Finish() {
  if (m_is_topological) return true;
  FileGraph graph(m_file);
  graph.Resolve();
  graph.RefuseCycles();
  return false;
}

}  // namespace ddlsim
