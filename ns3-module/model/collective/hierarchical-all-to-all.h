// SPDX-License-Identifier: GPL-2.0-only
//
// All-to-all in nodes of several members, in two steps: first inside the node, each member gives
// the member with local index l all that it has for the members with local index l of every node;
// then across nodes, on rail l alone, each hands on what its whole node has for one member of
// another node, as one message. Messages between nodes are local_size times fewer and larger. (The
// message aggregation of PXN: NVIDIA, "Doubling all2all Performance with NVIDIA Collective
// Communication Library 2.12", 2022.)
#pragma once

#include "collective/block-packing.h"
#include "collective/critical-path.h"
#include "collective/pair-layout.h"

namespace ddlsim {

class HierarchicalAllToAll : public BoundedSchedule {
 public:
  HierarchicalAllToAll(const CollectiveSpec& spec, uint32_t local_size);
  uint32_t StepCount() const override { return 2; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  // What comes inside the node, and what is packed in each step.
  uint64_t ScratchBytes() const override { return m_staging_bytes * 3; }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override { return {1, m_layout.BusiestPortBytes()}; }

 private:
  uint32_t RankOf(uint32_t node, uint32_t local_index) const {
    return node * m_local_size + local_index;
  }
  // From `from` to the members of all nodes with `local_index`.
  uint64_t RailBytes(uint32_t from, uint32_t local_index) const;
  // What all of the node have for the rail of `rank`.
  uint64_t CollectedBytes(uint32_t rank) const;
  uint64_t KeptInNodeBytes(uint32_t rank) const;
  void InsideStep(uint32_t rank, StepActions& actions) const;
  void AcrossStep(uint32_t rank, StepActions& actions) const;
  CriticalPath PathThrough(uint32_t rank) const;

  PairLayout m_layout;
  uint32_t m_local_size;
  uint32_t m_node_count;
  uint64_t m_staging_bytes = 0;
};

}  // namespace ddlsim
