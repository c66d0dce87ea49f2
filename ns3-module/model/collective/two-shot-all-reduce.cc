// SPDX-License-Identifier: GPL-2.0-only
#include "collective/two-shot-all-reduce.h"

#include <algorithm>

namespace ddlsim {

TwoShotAllReduce::TwoShotAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes)
    : m_rank_count(rank_count),
      m_local_size(local_size),
      m_size_bytes(size_bytes),
      m_blocks(size_bytes, rank_count),
      m_scatter(rank_count, local_size, size_bytes, true),
      m_gather(rank_count, local_size, size_bytes, false) {}

void TwoShotAllReduce::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  const uint32_t first_count = m_scatter.StepCount();
  if (step < first_count) return m_scatter.Step(rank, step, actions);
  m_gather.Step(rank, step - first_count, actions);
}

// The chain of the reduce_scatter ends where one of as many bytes begins in the all_gather: at
// every rank, or for block 0 at rank 0. On one node rank 0 takes in its block from all the others
// before it sends the sum to each.
CriticalPath TwoShotAllReduce::Path() const {
  CriticalPath phase = m_gather.Path();
  if (m_local_size == m_rank_count) {
    phase.size_bytes = (m_rank_count - 1) * m_blocks.SizeBytes(0);
  }
  return phase + phase;
}

// Rank 0 sends all blocks but its own, and then that one to each neighbour, or every other once.
CriticalPath TwoShotAllReduce::PortPath() const {
  const uint64_t neighbours = m_local_size - 1 + (m_local_size < m_rank_count ? 1 : 0);
  const uint64_t smallest_bytes = m_blocks.SizeBytes(m_rank_count - 1);
  return {1, m_size_bytes - m_blocks.SizeBytes(0) +
                 std::max(neighbours * m_blocks.SizeBytes(0), (m_rank_count - 1) * smallest_bytes)};
}

}  // namespace ddlsim
