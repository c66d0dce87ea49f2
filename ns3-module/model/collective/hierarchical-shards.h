// SPDX-License-Identifier: GPL-2.0-only
//
// All-gather and reduce-scatter in nodes of several members, rail-aligned: blocks travel round a
// ring across nodes among the members with the same place in their node, and each is passed on to
// the rest of the node while the next one comes. Between nodes each block crosses each link of its
// rail once. Reduce-scatter: in each step a member adds up what its node has for one block, on top
// of what comes round the ring. (Two-dimensional collectives as in BlueConnect, Cho et al. 2019.)
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class HierarchicalShards : public BoundedSchedule {
 public:
  HierarchicalShards(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes, bool reduces);
  uint32_t StepCount() const override { return m_node_count; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  struct Member {
    uint32_t node;
    uint32_t local_index;
  };
  uint32_t RankOf(uint32_t node, uint32_t local_index) const {
    return node * m_local_size + local_index;
  }
  void GatherStep(const Member& member, uint32_t step, StepActions& actions) const;
  void ReduceStep(const Member& member, uint32_t step, StepActions& actions) const;
  void Send(uint32_t peer, uint32_t block, StepActions& actions) const;
  void Receive(uint32_t peer, uint32_t block, StepActions& actions) const;

  uint32_t m_local_size;
  uint32_t m_node_count;
  bool m_reduces;
  uint64_t m_size_bytes;
  BlockSplit m_blocks;  // one per rank
};

}  // namespace ddlsim
