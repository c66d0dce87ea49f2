// SPDX-License-Identifier: GPL-2.0-only
//
// The binary tree over positions 0 .. n-1 in which a position's height is the number of zero bits
// at its end, as in NCCL (since 2.4, "Massively Scale Your Deep Learning Training with NCCL 2.4",
// NVIDIA 2019): odd positions are leaves, even ones have children on both sides, position 0 is the
// root and has one child. A second tree whose positions are mirrored, or moved by one where n is
// odd, makes leaves of the first one's inner nodes: a double binary tree (Sanders, Speck and Traeff
// 2009, section 3).
#pragma once

#include <cstdint>

#include "collective/block-split.h"

namespace ddlsim {

class BinaryTree {
 public:
  explicit BinaryTree(uint32_t count) : m_count(count) {}

  // Of the root; every other position is lower than its parent.
  uint32_t Height() const { return CeilLog2(m_count); }
  uint32_t HeightOf(uint32_t position) const {
    if (position == 0) return Height();
    uint32_t height = 0;
    while ((position >> height & 1) == 0) ++height;
    return height;
  }
  // Of any position but the root.
  uint32_t ParentOf(uint32_t position) const {
    const uint32_t bit = uint32_t{1} << HeightOf(position);
    const uint32_t above = (position ^ bit) | (bit << 1);
    return above < m_count ? above : position ^ bit;
  }
  // Calls use(child) for the position's children of height `height`, at most two.
  template <typename Use>
  void ForEachChild(uint32_t position, uint32_t height, const Use& use) const {
    const uint32_t own_height = HeightOf(position);
    if (height >= own_height) return;
    if (position == 0) {
      if (height + 1 == own_height) use(uint32_t{1} << height);
      return;
    }
    const uint32_t bit = uint32_t{1} << height;
    if (height + 1 == own_height) use(position - bit);
    // To the right the tallest subtree whose top is inside the tree.
    const bool is_tallest = height + 1 == own_height || position + 2 * bit >= m_count;
    if (position + bit < m_count && is_tallest) use(position + bit);
  }

 private:
  uint32_t m_count;
};

}  // namespace ddlsim
