// SPDX-License-Identifier: GPL-2.0-only
#include "collective/hierarchical-shards.h"

#include <algorithm>

namespace ddlsim {

HierarchicalShards::HierarchicalShards(uint32_t rank_count, uint32_t local_size,
                                       uint64_t size_bytes, bool reduces)
    : m_local_size(local_size),
      m_node_count(rank_count / local_size),
      m_reduces(reduces),
      m_size_bytes(size_bytes),
      m_blocks(size_bytes, rank_count) {}

void HierarchicalShards::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const Member member{rank / m_local_size, rank % m_local_size};
  if (m_reduces) {
    ReduceStep(member, step, actions);
  } else {
    GatherStep(member, step, actions);
  }
}

// In step j a member has the block of the node j before its own: to the next node and all around.
void HierarchicalShards::GatherStep(const Member& member, uint32_t step,
                                    StepActions& actions) const {
  const uint32_t nodes = m_node_count;
  const uint32_t owner = (member.node + nodes - step) % nodes;
  const uint32_t before = (member.node + nodes - 1) % nodes;
  const uint32_t own_block = RankOf(owner, member.local_index);
  if (step + 1 < nodes) {
    Send(RankOf((member.node + 1) % nodes, member.local_index), own_block, actions);
    Receive(RankOf(before, member.local_index),
            RankOf((owner + nodes - 1) % nodes, member.local_index), actions);
  }
  for (uint32_t i = 1; i < m_local_size; ++i) {
    const uint32_t to = (member.local_index + i) % m_local_size;
    const uint32_t from = (member.local_index + m_local_size - i) % m_local_size;
    Send(RankOf(member.node, to), own_block, actions);
    Receive(RankOf(member.node, from), RankOf(owner, from), actions);
  }
}

// The block of node t starts its way round at node t + 1. In step j a member adds up what its node
// has for the node j + 1 before its own.
void HierarchicalShards::ReduceStep(const Member& member, uint32_t step,
                                    StepActions& actions) const {
  const uint32_t nodes = m_node_count;
  const uint32_t owner = (member.node + 2 * nodes - 1 - step) % nodes;
  const uint32_t before = (member.node + nodes - 1) % nodes;
  const uint32_t own_block = RankOf(owner, member.local_index);
  if (step > 0) {
    Send(RankOf((member.node + 1) % nodes, member.local_index),
         RankOf((owner + 1) % nodes, member.local_index), actions);
    Receive(RankOf(before, member.local_index), own_block, actions);
  }
  for (uint32_t i = 1; i < m_local_size; ++i) {
    const uint32_t to = (member.local_index + i) % m_local_size;
    const uint32_t from = (member.local_index + m_local_size - i) % m_local_size;
    Send(RankOf(member.node, to), RankOf(owner, to), actions);
    Receive(RankOf(member.node, from), own_block, actions);
  }
}

void HierarchicalShards::Send(uint32_t peer, uint32_t block, StepActions& actions) const {
  if (m_blocks.SizeBytes(block) == 0) return;
  actions.sends.push_back({peer, m_blocks.OffsetBytes(block), m_blocks.SizeBytes(block)});
}

void HierarchicalShards::Receive(uint32_t peer, uint32_t block, StepActions& actions) const {
  if (m_blocks.SizeBytes(block) == 0) return;
  actions.receives.push_back(
      {peer, m_blocks.OffsetBytes(block), m_blocks.SizeBytes(block), m_reduces});
}

// Every step takes in a block from the ring (but for one) and one from each neighbour, and the next
// one waits for all of these. If there are empty blocks, block 0 goes round and into the node.
CriticalPath HierarchicalShards::Path() const {
  const uint64_t hops = m_node_count - 1 + (m_local_size > 1 ? 1 : 0);
  const uint64_t rank_count = uint64_t{m_node_count} * m_local_size;
  const uint64_t smallest_bytes = m_blocks.SizeBytes(static_cast<uint32_t>(rank_count - 1));
  return {hops, std::max((rank_count - 1) * smallest_bytes, hops * m_blocks.SizeBytes(0))};
}

// All blocks but one pass each port in one direction; block 0 leaves its owner once for each
// neighbour and for the ring (or reaches it so).
CriticalPath HierarchicalShards::PortPath() const {
  const uint64_t others_bytes = m_size_bytes - m_blocks.SizeBytes(m_node_count * m_local_size - 1);
  const uint64_t neighbour_count = m_local_size - 1 + (m_node_count > 1 ? 1 : 0);
  return {1, std::max(others_bytes, neighbour_count * m_blocks.SizeBytes(0))};
}

}  // namespace ddlsim
