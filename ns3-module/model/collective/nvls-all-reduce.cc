// SPDX-License-Identifier: GPL-2.0-only
#include "collective/nvls-all-reduce.h"

#include "collective/subgroup.h"

namespace ddlsim {

NvlsAllReduce::NvlsAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes)
    : m_local_size(local_size),
      m_node_count(rank_count / local_size),
      m_size_bytes(size_bytes),
      m_blocks(size_bytes, local_size),
      m_largest_tree(m_node_count, 1, m_blocks.SizeBytes(0), 2),
      m_smallest_tree(m_node_count, 1, m_blocks.SizeBytes(local_size - 1), 2) {}

// Inside the node: up, to the owners, (the tree), up, to all.
void NvlsAllReduce::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t rank_count = m_node_count * m_local_size;
  const bool is_across = step >= 2 && step + 2 < StepCount();
  if (!is_across) {
    const uint32_t inside_step = step < 2 ? step : step + 4 - StepCount();
    if (rank >= rank_count) return EngineStep(rank - rank_count, inside_step, actions);
    return MemberStep(rank, inside_step, actions);
  }
  const uint32_t local_index = rank % m_local_size;
  if (rank >= rank_count || m_blocks.SizeBytes(local_index) == 0) return;
  const bool is_largest = m_blocks.SizeBytes(local_index) == m_blocks.SizeBytes(0);
  const Subgroup rail{local_index, m_local_size, m_blocks.OffsetBytes(local_index),
                      kInsideLaneCount};
  rail.AddStep(is_largest ? m_largest_tree : m_smallest_tree, rank / m_local_size, step - 2,
               actions);
}

void NvlsAllReduce::EngineStep(uint32_t node, uint32_t inside_step, StepActions& actions) const {
  for (uint32_t i = 0; i < m_local_size; ++i) {
    const uint32_t member = node * m_local_size + i;
    const uint64_t offset_bytes = m_blocks.OffsetBytes(i);
    const uint64_t block_bytes = m_blocks.SizeBytes(i);
    if (inside_step == 0) actions.receives.push_back({member, 0, m_size_bytes, true, 0});
    if (inside_step == 3) actions.sends.push_back({member, 0, m_size_bytes, 3});
    if (block_bytes == 0) continue;
    if (inside_step == 1) actions.sends.push_back({member, offset_bytes, block_bytes, 1});
    if (inside_step == 2) {
      actions.receives.push_back({member, offset_bytes, block_bytes, false, 2});
    }
  }
}

void NvlsAllReduce::MemberStep(uint32_t rank, uint32_t inside_step, StepActions& actions) const {
  const uint32_t engine = m_node_count * m_local_size + rank / m_local_size;
  const uint64_t offset_bytes = m_blocks.OffsetBytes(rank % m_local_size);
  const uint64_t block_bytes = m_blocks.SizeBytes(rank % m_local_size);
  if (inside_step == 0) actions.sends.push_back({engine, 0, m_size_bytes, 0});
  if (inside_step == 3) actions.receives.push_back({engine, 0, m_size_bytes, false, 3});
  if (block_bytes == 0) return;
  if (inside_step == 1) actions.receives.push_back({engine, offset_bytes, block_bytes, false, 1});
  if (inside_step == 2) actions.sends.push_back({engine, offset_bytes, block_bytes, 2});
}

// Two ways through the engine, each with a whole buffer and a block, and the tree between them.
CriticalPath NvlsAllReduce::Path() const {
  const CriticalPath inside{2, 2 * (m_size_bytes + m_blocks.SizeBytes(0))};
  return inside + m_largest_tree.Path();
}

CriticalPath NvlsAllReduce::PortPath() const {
  const uint64_t tree_bytes = m_node_count > 1 ? m_largest_tree.PortPath().size_bytes : 0;
  return {1, m_size_bytes + m_blocks.SizeBytes(0) + tree_bytes};
}

}  // namespace ddlsim
