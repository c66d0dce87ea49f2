// SPDX-License-Identifier: GPL-2.0-only
//
// Least step numbers under constraints "b at least w steps after a". Constraints in a circle are
// fine as long as none of them asks for a later step.
#pragma once

#include <cstdint>
#include <vector>

namespace ddlsim {

class StepSolver {
 public:
  using Node = uint32_t;
  Node AddNode();
  // Step of `to` >= step of `from` + `distance`; constraints may be added after Solve(), too.
  void Require(Node from, Node to, uint32_t distance);
  // False where the constraints cannot be met with steps below `step_count_max`.
  bool Solve(uint32_t step_count_max);
  uint32_t StepOf(Node node) const { return m_steps[node]; }

 private:
  struct Edge {
    Node to;
    uint32_t distance;
  };
  std::vector<std::vector<Edge>> m_edges;  // by origin
  std::vector<uint32_t> m_steps;
  std::vector<Node> m_changed;
};

}  // namespace ddlsim
