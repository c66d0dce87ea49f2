// SPDX-License-Identifier: GPL-2.0-only
//
// All-reduce in the switches of the network between hosts, along a tree of them (SHARP: Graham et
// al., COMHPC 2016, section III; NCCL's CollNet). The first member of each node gathers the sums of
// its node, the engine of its switch adds those of several nodes, and so on up to the tree's root;
// the result comes down the same way. A node sends S bytes to the network and receives S, whatever
// their number.
#pragma once

#include <memory>
#include <vector>

#include "collective/critical-path.h"

namespace ddlsim {

class SwitchTreeAllReduce : public BoundedSchedule {
 public:
  // `local_size` divides the number of ranks; `tree` has one engine for each node. Throws
  // std::invalid_argument where it is none, or has more than one root.
  SwitchTreeAllReduce(uint32_t rank_count, uint32_t local_size, uint64_t size_bytes,
                      std::shared_ptr<const SwitchTree> tree);
  uint32_t StepCount() const override { return 2 * (m_inside_steps + m_height); }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  uint32_t LaneCount() const override { return 2; }  // up and down
  uint32_t EngineCount() const override { return static_cast<uint32_t>(m_engines.size()); }

  CriticalPath Path() const override;
  CriticalPath PortPath() const override { return {1, m_size_bytes}; }

 private:
  struct Engine {
    uint32_t level = 0;           // engines below it in a row, itself included; 0: not in the tree
    uint32_t depth = 0;           // engines above it
    std::vector<uint32_t> below;  // participants that it adds up
  };
  void AddInside(uint32_t rank, bool is_up, StepActions& actions) const;
  void AddOfHead(uint32_t node, uint32_t step, StepActions& actions) const;
  void AddOfEngine(uint32_t index, uint32_t step, StepActions& actions) const;
  uint32_t LevelOf(uint32_t participant) const {
    return participant < m_rank_count ? 0 : m_engines[participant - m_rank_count].level;
  }

  uint32_t m_rank_count;
  uint32_t m_local_size;
  uint64_t m_size_bytes;
  std::shared_ptr<const SwitchTree> m_tree;
  uint32_t m_inside_steps;
  uint32_t m_height = 0;  // engines in a row
  std::vector<Engine> m_engines;
};

}  // namespace ddlsim
