// SPDX-License-Identifier: GPL-2.0-only
//
// The trees of a group over the switches between its nodes, where these reduce.
#include <algorithm>

#include "endpoint/group-layout.h"

namespace ddlsim {
namespace {

constexpr uint32_t kNone = SwitchReduction::kNone;

}  // namespace

void GroupLayout::PlantTrees() {
  for (uint32_t bundle = 0; bundle < BundleCount(); ++bundle) m_trees.push_back(MakeTree(bundle));
  // All bundles count the same engines.
  std::vector<std::shared_ptr<const SwitchTree>> trees;
  for (const auto& tree : m_trees) {
    if (tree == nullptr) return m_trees.clear();
    SwitchTree whole = *tree;
    whole.engine_above.resize(NodeCount() + m_switch_engines.size(), SwitchTree::kNone);
    trees.push_back(std::make_shared<const SwitchTree>(std::move(whole)));
  }
  m_trees = std::move(trees);
}

// Behind the nodes' own engines.
uint32_t GroupLayout::NumberOf(uint32_t switch_engine_endpoint) {
  const auto begin = m_switch_engines.begin(), end = m_switch_engines.end();
  const auto found = std::find(begin, end, switch_engine_endpoint);
  const auto number = static_cast<uint32_t>(found - begin) + NodeCount();
  if (found == end) m_switch_engines.push_back(switch_engine_endpoint);
  return number;
}

// The switch that the bundle's member of a node sends to.
uint32_t GroupLayout::SwitchOf(uint32_t node, uint32_t bundle) const {
  const uint32_t rank = m_members[MemberAt(node * m_local_size, bundle)];
  return m_ranks.Switches()->switch_of_endpoint[m_ranks.EndpointOf(rank)];
}

// By node of the graph: how many branches with members meet at a switch.
std::vector<uint32_t> GroupLayout::BranchesOf(uint32_t bundle,
                                              const std::vector<uint32_t>& above) const {
  std::vector<uint32_t> branches(above.size(), 0);
  std::vector<bool> is_seen(above.size(), false);
  for (uint32_t node = 0; node < NodeCount(); ++node) {
    uint32_t at = SwitchOf(node, bundle);
    ++branches[at];
    for (; !is_seen[at] && above[at] != kNone; at = above[at]) {
      is_seen[at] = true;
      ++branches[above[at]];
    }
  }
  return branches;
}

// Null where a switch that should add up has no engine.
std::shared_ptr<const SwitchTree> GroupLayout::MakeTree(uint32_t bundle) {
  const SwitchReduction& switches = *m_ranks.Switches();
  const uint32_t head = m_members[MemberAt(0, bundle)];
  const std::vector<uint32_t>& above = switches.switch_above[m_ranks.NicOf(head)];
  const std::vector<uint32_t> branches = BranchesOf(bundle, above);
  // Where several branches meet, from this switch on.
  const auto meeting = [&](uint32_t at) {
    while (at != kNone && branches[at] < 2) at = above[at];
    return at;
  };
  SwitchTree tree;
  for (uint32_t node = 0; node < NodeCount(); ++node) {
    uint32_t below = SwitchTree::kNone;
    for (uint32_t at = meeting(SwitchOf(node, bundle)); at != kNone; at = meeting(above[at])) {
      if (switches.engine_of_switch[at] == kNone) return nullptr;
      const uint32_t number = NumberOf(switches.engine_of_switch[at]);
      if (tree.engine_above.size() <= number) {
        tree.engine_above.resize(number + 1, SwitchTree::kNone);
      }
      if (below == SwitchTree::kNone) {
        tree.engine_of_node.push_back(number);
      } else {
        tree.engine_above[below] = number;
      }
      below = number;
    }
    if (below == SwitchTree::kNone) return nullptr;
  }
  return std::make_shared<const SwitchTree>(std::move(tree));
}

}  // namespace ddlsim
