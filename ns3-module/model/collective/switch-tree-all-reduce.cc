// SPDX-License-Identifier: GPL-2.0-only
#include "collective/switch-tree-all-reduce.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ddlsim {

SwitchTreeAllReduce::SwitchTreeAllReduce(uint32_t rank_count, uint32_t local_size,
                                         uint64_t size_bytes,
                                         std::shared_ptr<const SwitchTree> tree)
    : m_rank_count(rank_count),
      m_local_size(local_size),
      m_size_bytes(size_bytes),
      m_tree(std::move(tree)),
      m_inside_steps(local_size > 1 ? 1 : 0),
      m_engines(m_tree->engine_above.size()) {
  const uint32_t nodes = rank_count / local_size;
  const std::vector<uint32_t>& above = m_tree->engine_above;
  if (m_tree->engine_of_node.size() != nodes) {
    throw std::invalid_argument("a tree of switches for another number of nodes");
  }
  uint32_t root = SwitchTree::kNone;
  for (uint32_t node = 0; node < nodes; ++node) {
    uint32_t level = 0, engine = m_tree->engine_of_node[node];
    m_engines.at(engine).below.push_back(node * local_size);
    for (; engine != SwitchTree::kNone; engine = above[engine]) {
      if (++level > above.size()) throw std::invalid_argument("a tree of switches with a circle");
      const bool is_new = m_engines.at(engine).level == 0;
      m_engines[engine].level = std::max(m_engines[engine].level, level);
      if (above[engine] == SwitchTree::kNone) {
        if (root != SwitchTree::kNone && root != engine) {
          throw std::invalid_argument("a tree of switches with two roots");
        }
        root = engine;
      } else if (is_new) {
        m_engines.at(above[engine]).below.push_back(rank_count + engine);
      }
    }
  }
  m_height = m_engines[root].level;
  for (Engine& engine : m_engines) {
    for (uint32_t i = static_cast<uint32_t>(&engine - m_engines.data());
         engine.level > 0 && above[i] != SwitchTree::kNone; i = above[i]) {
      ++engine.depth;
    }
  }
}

void SwitchTreeAllReduce::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const bool is_inside = step < m_inside_steps || step + m_inside_steps >= StepCount();
  if (is_inside) {
    if (rank < m_rank_count) AddInside(rank, step == 0, actions);
    return;
  }
  step -= m_inside_steps;
  if (rank >= m_rank_count) return AddOfEngine(rank - m_rank_count, step, actions);
  if (rank % m_local_size == 0) AddOfHead(rank / m_local_size, step, actions);
}

void SwitchTreeAllReduce::AddInside(uint32_t rank, bool is_up, StepActions& actions) const {
  const uint8_t lane = is_up ? 0 : 1;
  const uint32_t head = rank - rank % m_local_size;
  const uint32_t first = rank == head ? head + 1 : head;
  const uint32_t end = rank == head ? head + m_local_size : head + 1;
  for (uint32_t peer = first; peer < end; ++peer) {
    if ((rank == head) == is_up) {
      actions.receives.push_back({peer, 0, m_size_bytes, is_up, lane});
    } else {
      actions.sends.push_back({peer, 0, m_size_bytes, lane});
    }
  }
}

void SwitchTreeAllReduce::AddOfHead(uint32_t node, uint32_t step, StepActions& actions) const {
  const uint32_t engine = m_tree->engine_of_node[node];
  const uint32_t peer = m_rank_count + engine;
  if (step == 0) actions.sends.push_back({peer, 0, m_size_bytes, 0});
  if (step == m_height + m_engines[engine].depth) {
    actions.receives.push_back({peer, 0, m_size_bytes, false, 1});
  }
}

// Whoever has so many engines below it sends up in the step of this number; the way down begins at
// the root.
void SwitchTreeAllReduce::AddOfEngine(uint32_t index, uint32_t step, StepActions& actions) const {
  const Engine& engine = m_engines[index];
  if (engine.level == 0) return;
  const uint32_t above = m_tree->engine_above[index];
  if (step < m_height) {
    if (step == engine.level && above != SwitchTree::kNone) {
      actions.sends.push_back({m_rank_count + above, 0, m_size_bytes, 0});
    }
    for (uint32_t peer : engine.below) {
      if (LevelOf(peer) == step) actions.receives.push_back({peer, 0, m_size_bytes, true, 0});
    }
    return;
  }
  step -= m_height;
  if (step == engine.depth) {
    for (uint32_t peer : engine.below) actions.sends.push_back({peer, 0, m_size_bytes, 1});
  } else if (step + 1 == engine.depth) {
    actions.receives.push_back({m_rank_count + above, 0, m_size_bytes, false, 1});
  }
}

// Into the node's head and out of it, and once through each engine each way.
CriticalPath SwitchTreeAllReduce::Path() const {
  const uint64_t inside = 2 * uint64_t{m_local_size - 1};
  return {1 + 2 * uint64_t{m_inside_steps},
          PathBytes(2 * uint64_t{m_height} + inside, m_size_bytes)};
}

}  // namespace ddlsim
