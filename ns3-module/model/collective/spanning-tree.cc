// SPDX-License-Identifier: GPL-2.0-only
#include "collective/spanning-tree.h"

namespace ddlsim {

SpanningTree::SpanningTree(uint32_t rank_count, uint64_t size_bytes, uint32_t root, bool gathers)
    : m_rank_count(rank_count),
      m_root(root),
      m_gathers(gathers),
      m_level_count(CeilLog2(rank_count)),
      m_blocks(size_bytes, rank_count) {}

uint32_t SpanningTree::HolderOf(const Range& range) const {
  return range.begin <= m_root && m_root < range.end ? m_root : range.begin;
}

uint64_t SpanningTree::SizeBytes(const Range& range) const {
  return m_blocks.OffsetBytes(range.end) - m_blocks.OffsetBytes(range.begin);
}

void SpanningTree::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t level = m_gathers ? m_level_count - 1 - step : step;
  Range range{0, m_rank_count};
  for (uint32_t i = 0; i < level; ++i) {
    (rank < range.Middle() ? range.end : range.begin) = range.Middle();
  }
  if (range.end - range.begin < 2) return;
  const Range lower{range.begin, range.Middle()};
  const Range upper{range.Middle(), range.end};
  const uint32_t holder = HolderOf(range);
  const Range& other = holder < lower.end ? upper : lower;
  const uint32_t peer = HolderOf(other);
  const uint64_t size_bytes = SizeBytes(other);
  if (size_bytes == 0 || (rank != holder && rank != peer)) return;
  const uint64_t offset_bytes = m_blocks.OffsetBytes(other.begin);
  if ((rank == holder) != m_gathers) {
    actions.sends.push_back({rank == holder ? peer : holder, offset_bytes, size_bytes});
  } else {
    actions.receives.push_back({rank == holder ? peer : holder, offset_bytes, size_bytes, false});
  }
}

// From the root always into the half that the holder is not in: each message waits for the one
// before.
CriticalPath SpanningTree::Path() const {
  CriticalPath path;
  Range range{0, m_rank_count};
  while (range.end - range.begin > 1) {
    const uint32_t middle = range.Middle();
    (HolderOf(range) < middle ? range.begin : range.end) = middle;
    const uint64_t size_bytes = SizeBytes(range);
    if (size_bytes > 0) path = path + CriticalPath{1, size_bytes};
  }
  return path;
}

CriticalPath SpanningTree::PortPath() const {
  const uint64_t moved_bytes = SizeBytes({0, m_rank_count}) - m_blocks.SizeBytes(m_root);
  return {moved_bytes > 0 ? uint64_t{1} : 0, moved_bytes};
}

}  // namespace ddlsim
