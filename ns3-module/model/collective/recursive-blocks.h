// SPDX-License-Identifier: GPL-2.0-only
//
// All-gather by recursive doubling and reduce-scatter by recursive halving (Thakur, Rabenseifner
// and Gropp 2005, sections 4.1 and 4.2): ranks that differ in one bit of their core number exchange
// the ranges of blocks that they hold (that the other one's half needs), each step twice (half) as
// many. Let p be the largest power of two up to n. Where n > p, of the first 2(n-p) ranks the even
// ones hand their block (buffer) to their odd neighbours, which make the core with the ranks behind
// them, and get the result back at the end. Core ranks then own one or two neighbouring blocks, so
// that all messages stay ranges of bytes.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class RecursiveBlocks : public BoundedSchedule {
 public:
  RecursiveBlocks(uint32_t rank_count, uint64_t size_bytes, bool reduces);
  uint32_t StepCount() const override;
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  struct Bytes {
    uint64_t offset;
    uint64_t size;
  };
  Bytes BlocksOf(uint32_t first_core, uint32_t core_count) const;
  Bytes BlockOf(uint32_t rank) const;
  uint32_t RankOfCore(uint32_t core) const;
  void FoldStep(uint32_t rank, bool first, StepActions& actions) const;
  void ExchangeStep(uint32_t core, uint32_t bit, StepActions& actions) const;

  uint32_t m_rank_count;
  bool m_reduces;
  uint32_t m_level_count;  // log2 of p
  uint32_t m_core_count;   // p
  uint32_t m_extra_count;  // n - p
  uint64_t m_size_bytes;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
