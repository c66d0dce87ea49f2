// SPDX-License-Identifier: GPL-2.0-only
//
// All-reduce on one binary tree, or on two that take half of the data each: reduced up to the root,
// broadcast down again. With two trees every rank (but one where the number is odd) is a leaf in
// one of them, so that both directions of all ports are used (Sanders, Speck and Traeff 2009).
// Nodes of several members: the members of a node form a chain, from its end to its head and back,
// and the heads form the tree; the two trees have their heads half a node apart, so that they use
// two NICs.
#pragma once

#include "collective/binary-tree.h"
#include "collective/critical-path.h"

namespace ddlsim {

class TreeAllReduce : public BoundedSchedule {
 public:
  // `local_size` divides the number of ranks; 1 or 2 trees.
  TreeAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes, uint32_t tree_count);
  uint32_t StepCount() const override;
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  // Up and down of each tree.
  uint32_t LaneCount() const override { return 2 * m_tree_count; }
  bool AreIndependent(uint32_t lane, uint32_t other) const override {
    return lane / 2 != other / 2;
  }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  // What one member does in one tree.
  struct Place {
    uint32_t tree;
    uint32_t node;
    uint32_t chain_position;  // 0: the head
    uint32_t position;        // of the node in the tree
  };
  uint32_t Rank(const Place& place, uint32_t chain_position) const;
  uint32_t HeadOf(const Place& place, uint32_t position) const;
  uint32_t HeadIndex(uint32_t tree) const { return tree * (m_local_size / 2); }
  void ChainStep(const Place& place, uint32_t step, bool down, StepActions& actions) const;
  void TreeStep(const Place& place, uint32_t height, bool down, StepActions& actions) const;
  void Send(const Place& place, uint32_t peer, bool down, StepActions& actions) const;
  void Receive(const Place& place, uint32_t peer, bool down, StepActions& actions) const;

  uint32_t m_local_size;
  uint32_t m_node_count;
  uint32_t m_tree_count;
  BinaryTree m_tree;
  BlockSplit m_blocks;  // one per tree
};

}  // namespace ddlsim
