// SPDX-License-Identifier: GPL-2.0-only
//
// Scatter and gather over the minimum spanning tree (Barnett, Gupta, Payne, Shuler, van de Geijn
// and Watts 1994; Chan, Heimlich, Purkayastha and van de Geijn 2007, section 3): the range of ranks
// is halved, the one rank that holds its data sends the other half's blocks to a rank there, and so
// on in each half. ceil(log2 n) steps; a gather is the same backwards. Ranges are of ranks as they
// are numbered, not counted from the root as in a binomial tree, so that every message is one range
// of bytes whatever the root.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class SpanningTree : public BoundedSchedule {
 public:
  SpanningTree(uint32_t rank_count, uint64_t size_bytes, uint32_t root, bool gathers);
  uint32_t StepCount() const override { return m_level_count; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  CriticalPath Path() const override;
  CriticalPath PortPath() const override;

 private:
  struct Range {
    uint32_t begin;
    uint32_t end;
    uint32_t Middle() const { return end - (end - begin) / 2; }
  };
  uint32_t HolderOf(const Range& range) const;
  uint64_t SizeBytes(const Range& range) const;

  uint32_t m_rank_count;
  uint32_t m_root;
  bool m_gathers;
  uint32_t m_level_count;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
