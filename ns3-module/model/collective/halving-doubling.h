// SPDX-License-Identifier: GPL-2.0-only
//
// All-reduce by recursive halving and doubling (Rabenseifner 2004; Thakur, Rabenseifner and Gropp
// 2005, section 4.5). Let p be the largest power of two up to n.
// - Fold, where n > p: of the first 2(n-p) ranks the even ones send all they have to their odd
//   neighbours, which reduce it. The odd ones and the ranks behind them make the core, p ranks.
// - Halving: in step i core ranks that differ in bit i exchange halves of the range that both still
//   hold and reduce: the largest messages go to the nearest ranks. Each ends with one block.
// - Doubling: the same exchanges backwards, without reducing, rebuild the buffer.
// - Unfold: the odd ranks send the result to the even ones.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class HalvingDoubling : public BoundedSchedule {
 public:
  HalvingDoubling(uint32_t rank_count, uint64_t size_bytes);
  uint32_t StepCount() const override;
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  struct Range {
    uint64_t offset_bytes;
    uint64_t size_bytes;
  };
  // What core rank `core` holds of the buffer after `halvings` of them.
  Range HeldRange(uint32_t core, uint32_t halvings) const;
  uint32_t RankOfCore(uint32_t core) const;
  void FoldStep(uint32_t rank, bool unfold, StepActions& actions) const;
  void ExchangeStep(uint32_t core, uint32_t bit, bool halving, StepActions& actions) const;

  uint64_t m_size_bytes;
  uint32_t m_level_count;  // log2 of p
  uint32_t m_core_count;   // p
  uint32_t m_extra_count;  // n - p
  BlockSplit m_blocks;     // p of them
};

}  // namespace ddlsim
