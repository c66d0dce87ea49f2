// SPDX-License-Identifier: GPL-2.0-only
#include "collective/tree-all-reduce.h"

namespace ddlsim {

TreeAllReduce::TreeAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes,
                             uint32_t tree_count)
    : m_local_size(local_size),
      m_node_count(rank_count / local_size),
      m_tree_count(tree_count),
      m_tree(m_node_count),
      m_blocks(size_bytes, tree_count) {}

uint32_t TreeAllReduce::StepCount() const {
  return 2 * (m_local_size - 1 + m_tree.Height());
}

// The second half of the steps is the first one backwards. A message between two nodes belongs to
// the step of the child's height: as heights differ between the trees, no pair of ranks has
// messages of both trees in one step.
void TreeAllReduce::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const bool down = 2 * step >= StepCount();
  const uint32_t mirrored_step = down ? StepCount() - 1 - step : step;
  const uint32_t node = rank / m_local_size;
  const uint32_t nodes = m_node_count;
  for (uint32_t tree = 0; tree < m_tree_count; ++tree) {
    if (m_blocks.SizeBytes(tree) == 0) continue;
    Place place{tree, node, 0, node};
    place.chain_position = (rank % m_local_size + m_local_size - HeadIndex(tree)) % m_local_size;
    if (tree == 1) place.position = nodes % 2 == 0 ? nodes - 1 - node : (node + nodes - 1) % nodes;
    if (mirrored_step + 1 < m_local_size) {
      ChainStep(place, mirrored_step, down, actions);
    } else if (place.chain_position == 0) {
      TreeStep(place, mirrored_step - (m_local_size - 1), down, actions);
    }
  }
}

// Going up, chain position j sends in step local_size - 1 - j.
void TreeAllReduce::ChainStep(const Place& place, uint32_t step, bool down,
                              StepActions& actions) const {
  const uint32_t farther = m_local_size - 1 - step;
  if (place.chain_position == farther) {
    const uint32_t peer = Rank(place, farther - 1);
    down ? Receive(place, peer, down, actions) : Send(place, peer, down, actions);
  } else if (place.chain_position + 1 == farther) {
    const uint32_t peer = Rank(place, farther);
    down ? Send(place, peer, down, actions) : Receive(place, peer, down, actions);
  }
}

void TreeAllReduce::TreeStep(const Place& place, uint32_t height, bool down,
                             StepActions& actions) const {
  if (place.position != 0 && m_tree.HeightOf(place.position) == height) {
    const uint32_t peer = HeadOf(place, m_tree.ParentOf(place.position));
    down ? Receive(place, peer, down, actions) : Send(place, peer, down, actions);
  }
  m_tree.ForEachChild(place.position, height, [&](uint32_t child) {
    const uint32_t peer = HeadOf(place, child);
    down ? Send(place, peer, down, actions) : Receive(place, peer, down, actions);
  });
}

void TreeAllReduce::Send(const Place& place, uint32_t peer, bool down, StepActions& actions) const {
  const auto lane = static_cast<uint8_t>(2 * place.tree + (down ? 1 : 0));
  actions.sends.push_back(
      {peer, m_blocks.OffsetBytes(place.tree), m_blocks.SizeBytes(place.tree), lane});
}

void TreeAllReduce::Receive(const Place& place, uint32_t peer, bool down,
                            StepActions& actions) const {
  const auto lane = static_cast<uint8_t>(2 * place.tree + (down ? 1 : 0));
  actions.receives.push_back(
      {peer, m_blocks.OffsetBytes(place.tree), m_blocks.SizeBytes(place.tree), !down, lane});
}

uint32_t TreeAllReduce::Rank(const Place& place, uint32_t chain_position) const {
  return place.node * m_local_size + (HeadIndex(place.tree) + chain_position) % m_local_size;
}

uint32_t TreeAllReduce::HeadOf(const Place& place, uint32_t position) const {
  const uint32_t nodes = m_node_count;
  uint32_t node = position;
  if (place.tree == 1) node = nodes % 2 == 0 ? nodes - 1 - position : (position + 1) % nodes;
  return node * m_local_size + HeadIndex(place.tree);
}

// In the first tree. All leaves of a complete subtree start together, so each of its inner nodes
// takes in two messages one after the other, and sends two on the way back. To the left of the
// root's child there always is a complete subtree, to its right only where n is a power of two.
CriticalPath TreeAllReduce::Path() const {
  uint64_t messages = m_local_size - 1;
  if (m_node_count > 1) {
    const uint32_t top_height = m_tree.Height() - 1;
    const bool is_complete = m_node_count == uint32_t{2} << top_height;
    messages += 1;
    if (top_height > 0) messages += 2 * (top_height - 1) + (is_complete ? 2 : 1);
  }
  return {StepCount(), PathBytes(2 * messages, m_blocks.SizeBytes(0))};
}

// From four nodes on there is one with two children and a parent; in the other tree it is a leaf.
CriticalPath TreeAllReduce::PortPath() const {
  if (m_node_count < 4) return {1, m_blocks.SizeBytes(0)};
  return {1, 3 * m_blocks.SizeBytes(0) + (m_tree_count > 1 ? m_blocks.SizeBytes(1) : 0)};
}

}  // namespace ddlsim
