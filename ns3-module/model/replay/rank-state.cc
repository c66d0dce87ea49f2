// SPDX-License-Identifier: GPL-2.0-only
#include "replay/rank-state.h"

namespace ddlsim {

void DependencyCounters::Reset(const ClassGraph& graph) {
  m_remaining.resize(graph.NodeCount());
  m_wide.clear();
  for (uint32_t node = 0; node < graph.NodeCount(); ++node) {
    const uint32_t count = graph.DependencyCount(node);
    m_remaining[node] = count < kWide ? static_cast<uint8_t>(count) : kWide;
    if (count >= kWide) m_wide.emplace(node, count);
  }
}

void RankState::BeginIteration() {
  nodes_done = 0;
  dependencies.Reset(*graph);
  next_in_order.assign(graph->OrderCount(), 0);
  for (uint32_t node = 0; node < graph->NodeCount(); ++node) {
    if (dependencies.IsReady(node)) ready.push(node);
  }
}

}  // namespace ddlsim
