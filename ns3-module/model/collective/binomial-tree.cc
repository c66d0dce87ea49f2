// SPDX-License-Identifier: GPL-2.0-only
#include "collective/binomial-tree.h"

namespace ddlsim {

BinomialTree::BinomialTree(uint32_t rank_count, uint64_t size_bytes, uint32_t root)
    : m_rank_count(rank_count),
      m_root(root),
      m_level_count(CeilLog2(rank_count)),
      m_size_bytes(size_bytes) {}

void BinomialTree::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint32_t relative = (rank + n - m_root) % n;
  const uint32_t distance = uint32_t{1} << (m_level_count - 1 - step);
  const uint32_t place = relative % (2 * distance);
  if (place == 0 && relative + distance < n) {
    actions.sends.push_back({(rank + distance) % n, 0, m_size_bytes});
  } else if (place == distance) {
    actions.receives.push_back({(rank + n - distance) % n, 0, m_size_bytes, false});
  }
}

// The rank at relative place v has one hop per bit set in v. v = 2^k - 1 with k = floor(log2 n),
// the last of a full subtree, or of the whole tree for powers of two, has the most: k. On its way
// are all the levels, as it is the last child of the last child, ...
CriticalPath BinomialTree::Path() const {
  return {FloorLog2(m_rank_count), m_level_count * m_size_bytes};
}

}  // namespace ddlsim
