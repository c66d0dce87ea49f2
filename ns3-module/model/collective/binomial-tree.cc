// SPDX-License-Identifier: GPL-2.0-only
#include "collective/binomial-tree.h"

namespace ddlsim {

BinomialTree::BinomialTree(uint32_t rank_count, uint64_t size_bytes, uint32_t root,
                           TreePhases phases)
    : m_rank_count(rank_count),
      m_root(root),
      m_phases(phases),
      m_level_count(CeilLog2(rank_count)),
      m_size_bytes(size_bytes) {}

uint32_t BinomialTree::StepCount() const {
  return (m_phases == TreePhases::kReduceThenBroadcast ? 2 : 1) * m_level_count;
}

void BinomialTree::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const bool up = m_phases != TreePhases::kBroadcast && step < m_level_count;
  const uint32_t level = up ? step : StepCount() - 1 - step;
  const auto lane = static_cast<uint8_t>(!up && m_phases != TreePhases::kBroadcast ? 1 : 0);
  const uint32_t relative = (rank + n - m_root) % n;
  const uint32_t distance = uint32_t{1} << level;
  const uint32_t place = relative % (2 * distance);
  const bool is_parent = place == 0 && relative + distance < n;
  const uint32_t peer = is_parent ? (rank + distance) % n : (rank + n - distance) % n;
  if (!is_parent && place != distance) return;
  if (is_parent == up) {
    actions.receives.push_back({peer, 0, m_size_bytes, up, lane});
  } else {
    actions.sends.push_back({peer, 0, m_size_bytes, lane});
  }
}

// The rank at relative place v has one hop per bit set in v. v = 2^k - 1 with k = floor(log2 n),
// the last of a full subtree, or of the whole tree for powers of two, has the most: k. On its way
// down are all the levels, as it is the last child of the last child, ... On its way up the root's
// port is free for a smaller subtree's message before, so that nothing is certain but its own hops.
CriticalPath BinomialTree::Path() const {
  const uint64_t hops = FloorLog2(m_rank_count);
  const CriticalPath down{hops, m_level_count * m_size_bytes};
  const CriticalPath up{hops, hops * m_size_bytes};
  switch (m_phases) {
    case TreePhases::kBroadcast:
      return down;
    case TreePhases::kReduce:
      return up;
    case TreePhases::kReduceThenBroadcast:
      break;
  }
  return up + down;
}

// The root's.
CriticalPath BinomialTree::PortPath() const {
  return {1, m_level_count * m_size_bytes};
}

}  // namespace ddlsim
