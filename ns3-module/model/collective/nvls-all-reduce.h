// SPDX-License-Identifier: GPL-2.0-only
//
// All-reduce by the reduction engines of NVLink switches (NVLink SHARP; NCCL's NVLS and NVLSTree),
// one engine per node: every member sends its buffer to the engine, which sends the sum of block l
// to member l of the node; a double binary tree among the nodes completes it; members send their
// blocks to the engine, which sends all of them to everyone. Each member moves S (1 + 1/local_size)
// bytes each way inside the node: half of a ring's, for large nodes. NVIDIA, release notes of NCCL
// 2.17 (NVLS) and 2.18 (NVLSTree); Klenk, Jiang, Thorson and Dennison, "An in-network architecture
// for accelerating shared-memory multiprocessor collectives", ISCA 2020, sections III and IV.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"
#include "collective/tree-all-reduce.h"

namespace ddlsim {

class NvlsAllReduce : public BoundedSchedule {
 public:
  // `local_size` divides the number of ranks and is at least 2.
  NvlsAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes);
  uint32_t StepCount() const override { return 4 + m_largest_tree.StepCount(); }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  // To the engine, from it, back to it, and to all; then those of the tree. Each leads one way, so
  // that one round follows the other through them.
  uint32_t LaneCount() const override {
    return kInsideLaneCount + (m_node_count > 1 ? m_largest_tree.LaneCount() : 0);
  }
  bool AreIndependent(uint32_t lane, uint32_t other) const override {
    return lane >= kInsideLaneCount && other >= kInsideLaneCount &&
           m_largest_tree.AreIndependent(lane - kInsideLaneCount, other - kInsideLaneCount);
  }
  uint32_t EngineCount() const override { return m_node_count; }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  static constexpr uint8_t kInsideLaneCount = 4;
  void EngineStep(uint32_t node, uint32_t inside_step, StepActions& actions) const;
  void MemberStep(uint32_t rank, uint32_t inside_step, StepActions& actions) const;

  uint32_t m_local_size;
  uint32_t m_node_count;
  uint64_t m_size_bytes;
  BlockSplit m_blocks;  // one per member of a node
  // For blocks of the largest and of the smallest size, which are a byte apart or the same.
  TreeAllReduce m_largest_tree;
  TreeAllReduce m_smallest_tree;
};

}  // namespace ddlsim
