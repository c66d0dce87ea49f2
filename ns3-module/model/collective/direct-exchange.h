// SPDX-License-Identifier: GPL-2.0-only
//
// Everything in one step, each rank to all that need what it has: all_reduce (everyone adds up
// everything), all_gather, reduce_scatter, gather and scatter. The fewest latencies, and for all
// but all_reduce no more bytes than any other algorithm, but n-1 messages at once at each port.
// Rank r begins with rank r+1, so that senders take turns at every receiver.
#pragma once

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {

class DirectExchange : public BoundedSchedule {
 public:
  // One of the types above; `root` where it is rooted.
  DirectExchange(CollectiveType type, uint32_t rank_count, uint64_t size_bytes, uint32_t root);
  uint32_t StepCount() const override { return 1; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;

  CriticalPath Path() const override;
  CriticalPath PortPath() const override { return Path(); }

 private:
  void AddMessage(uint32_t rank, uint32_t from, uint32_t to, StepActions& actions) const;

  CollectiveType m_type;
  uint32_t m_rank_count;
  uint32_t m_root;
  uint64_t m_size_bytes;
  BlockSplit m_blocks;
};

}  // namespace ddlsim
