// SPDX-License-Identifier: GPL-2.0-only
#include "collective/file/step-solver.h"

#include <deque>

namespace ddlsim {
namespace {

// Real algorithms look at each constraint a few times; this ends those made to take for ever.
constexpr uint64_t kVisitCountMax = 100000000;

}  // namespace

StepSolver::Node StepSolver::AddNode() {
  m_edges.emplace_back();
  m_steps.push_back(0);
  return static_cast<Node>(m_steps.size() - 1);
}

void StepSolver::Require(Node from, Node to, uint32_t distance) {
  m_edges[from].push_back({to, distance});
  m_changed.push_back(from);
}

bool StepSolver::Solve(uint32_t step_count_max) {
  std::deque<Node> queue;
  std::vector<bool> is_queued(m_steps.size());
  const auto push = [&](Node node) {
    if (!is_queued[node]) queue.push_back(node);
    is_queued[node] = true;
  };
  for (const Node node : m_changed) push(node);
  m_changed.clear();
  uint64_t visit_count = 0;
  while (!queue.empty()) {
    const Node node = queue.front();
    queue.pop_front();
    is_queued[node] = false;
    for (const Edge& edge : m_edges[node]) {
      const uint32_t step = m_steps[node] + edge.distance;
      if (++visit_count > kVisitCountMax || step >= step_count_max) return false;
      if (step <= m_steps[edge.to]) continue;
      m_steps[edge.to] = step;
      push(edge.to);
    }
  }
  return true;
}

}  // namespace ddlsim
