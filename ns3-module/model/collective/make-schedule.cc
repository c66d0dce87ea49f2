// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <stdexcept>

#include "collective/algorithm-choice.h"
#include "collective/binomial-tree.h"
#include "collective/bruck-all-gather.h"
#include "collective/bruck-all-to-all.h"
#include "collective/direct-all-to-all.h"
#include "collective/direct-exchange.h"
#include "collective/dissemination-barrier.h"
#include "collective/halving-doubling.h"
#include "collective/hierarchical-all-reduce.h"
#include "collective/hierarchical-all-to-all.h"
#include "collective/hierarchical-shards.h"
#include "collective/in-network-all-reduce.h"
#include "collective/nvls-all-reduce.h"
#include "collective/pat-schedule.h"
#include "collective/recursive-blocks.h"
#include "collective/ring-chain.h"
#include "collective/ring-schedule.h"
#include "collective/spanning-tree.h"
#include "collective/switch-tree-all-reduce.h"
#include "collective/tree-all-reduce.h"
#include "collective/two-phase-schedule.h"
#include "collective/two-shot-all-reduce.h"

namespace ddlsim {
namespace {

using BoundedSchedulePtr = std::unique_ptr<BoundedSchedule>;

class NoSteps : public BoundedSchedule {
 public:
  uint32_t StepCount() const override { return 0; }
  void Step(uint32_t /*rank*/, uint32_t /*step*/, StepActions& /*actions*/) const override {
    throw std::logic_error("a step of a schedule that has none");
  }
  CriticalPath Path() const override { return {}; }
  CriticalPath PortPath() const override { return {}; }
};

uint32_t LocalSize(const CollectiveSpec& spec) {
  return std::max(1u, spec.local_size);
}

BoundedSchedulePtr MakeAllReduce(const CollectiveSpec& spec) {
  const uint32_t n = spec.rank_count;
  const uint64_t size_bytes = spec.size_bytes;
  const uint32_t local_size = LocalSize(spec);
  switch (spec.algorithm) {
    case Algorithm::kHalvingDoubling:
      return std::make_unique<HalvingDoubling>(n, size_bytes);
    case Algorithm::kTree:
      return std::make_unique<TreeAllReduce>(n, 1, size_bytes, 1);
    case Algorithm::kDoubleBinaryTree:
      return std::make_unique<TreeAllReduce>(n, local_size, size_bytes, 2);
    case Algorithm::kDirect:
      return std::make_unique<DirectExchange>(spec.type, n, size_bytes, 0);
    case Algorithm::kHierarchical: {
      const uint64_t block_bytes = BlockSplit(size_bytes, local_size).SizeBytes(0);
      const bool halves = n > local_size && IsHalvingDoublingFaster(n / local_size, block_bytes);
      return std::make_unique<HierarchicalAllReduce>(
          n, local_size, size_bytes, halves ? Algorithm::kHalvingDoubling : Algorithm::kRing);
    }
    case Algorithm::kNvls:
      return std::make_unique<NvlsAllReduce>(n, n, size_bytes);
    case Algorithm::kNvlsTree:
      // A node of one has nothing to add up.
      if (local_size == 1) return std::make_unique<TreeAllReduce>(n, 1, size_bytes, 2);
      return std::make_unique<NvlsAllReduce>(n, local_size, size_bytes);
    case Algorithm::kInNetwork:
      if (spec.switches != nullptr) {
        return std::make_unique<SwitchTreeAllReduce>(n, local_size, size_bytes, spec.switches);
      }
      return std::make_unique<InNetworkAllReduce>(n, local_size == 1 ? n : local_size, size_bytes);
    case Algorithm::kTwoShot:
      return std::make_unique<TwoShotAllReduce>(n, local_size == 1 ? n : local_size, size_bytes);
    default:
      return std::make_unique<RingSchedule>(n, size_bytes, RingPhases::kReduceThenGather);
  }
}

// all_gather and reduce_scatter.
BoundedSchedulePtr MakeShards(const CollectiveSpec& spec) {
  const uint32_t n = spec.rank_count;
  const bool reduces = spec.type == CollectiveType::kReduceScatter;
  switch (spec.algorithm) {
    case Algorithm::kHalvingDoubling:
      return std::make_unique<RecursiveBlocks>(n, spec.size_bytes, reduces);
    case Algorithm::kDirect:
      return std::make_unique<DirectExchange>(spec.type, n, spec.size_bytes, 0);
    case Algorithm::kBruck:
      return std::make_unique<BruckAllGather>(n, spec.size_bytes);
    case Algorithm::kPat:
      return std::make_unique<PatSchedule>(n, spec.size_bytes, reduces);
    case Algorithm::kHierarchical:
      return std::make_unique<HierarchicalShards>(n, LocalSize(spec), spec.size_bytes, reduces);
    default:
      return std::make_unique<RingSchedule>(n, spec.size_bytes,
                                            reduces ? RingPhases::kReduce : RingPhases::kGather);
  }
}

// A broadcast or reduce of large messages: a tree from (to) the root for the blocks, and an
// all_gather (reduce_scatter) in which all ranks work: in few steps where no rank has to be folded,
// else a ring. If no block is empty, a chain through the latter begins and ends at every rank; the
// ring's path has the largest block for each of its hops, another block is a byte smaller.
BoundedSchedulePtr MakeTwoPhases(const CollectiveSpec& spec) {
  const uint32_t n = spec.rank_count;
  const bool reduces = spec.type == CollectiveType::kReduce;
  auto tree = std::make_unique<SpanningTree>(n, spec.size_bytes, spec.root, reduces);
  BoundedSchedulePtr shards;
  uint64_t excess_bytes = 0;
  if ((n & (n - 1)) == 0) {
    shards = std::make_unique<RecursiveBlocks>(n, spec.size_bytes, reduces);
  } else {
    shards = std::make_unique<RingSchedule>(n, spec.size_bytes,
                                            reduces ? RingPhases::kReduce : RingPhases::kGather);
    if (spec.size_bytes % n != 0) excess_bytes = n - 1;
  }
  const bool paths_join = spec.size_bytes >= n;
  BoundedSchedulePtr first = std::move(tree);
  if (reduces) std::swap(first, shards);
  return std::make_unique<TwoPhaseSchedule>(std::move(first), std::move(shards), paths_join,
                                            excess_bytes);
}

BoundedSchedulePtr MakeBroadcast(const CollectiveSpec& spec) {
  const uint32_t n = spec.rank_count;
  if (spec.algorithm == Algorithm::kRing) {
    return std::make_unique<RingChain>(n, spec.size_bytes, spec.root, false);
  }
  if (spec.algorithm == Algorithm::kTree) {
    return std::make_unique<BinomialTree>(n, spec.size_bytes, spec.root, TreePhases::kBroadcast);
  }
  return MakeTwoPhases(spec);
}

BoundedSchedulePtr MakeReduce(const CollectiveSpec& spec) {
  const uint32_t n = spec.rank_count;
  if (spec.algorithm == Algorithm::kRing) {
    return std::make_unique<RingChain>(n, spec.size_bytes, spec.root, true);
  }
  if (spec.algorithm == Algorithm::kTree) {
    return std::make_unique<BinomialTree>(n, spec.size_bytes, spec.root, TreePhases::kReduce);
  }
  return MakeTwoPhases(spec);
}

BoundedSchedulePtr MakeAllToAll(const CollectiveSpec& spec) {
  switch (spec.algorithm) {
    case Algorithm::kBruck:
      return std::make_unique<BruckAllToAll>(spec.rank_count, spec.size_bytes);
    case Algorithm::kHierarchical:
      return std::make_unique<HierarchicalAllToAll>(spec, LocalSize(spec));
    default:
      return std::make_unique<DirectAllToAll>(spec);
  }
}

}  // namespace

BoundedSchedulePtr MakeBoundedSchedule(const CollectiveSpec& spec) {
  const CollectiveSpec checked = CheckedSpec(spec);
  if (HasNoSteps(checked)) return std::make_unique<NoSteps>();
  const uint32_t n = checked.rank_count;
  switch (checked.type) {
    case CollectiveType::kAllReduce:
      return MakeAllReduce(checked);
    case CollectiveType::kAllGather:
    case CollectiveType::kReduceScatter:
      return MakeShards(checked);
    case CollectiveType::kBroadcast:
      return MakeBroadcast(checked);
    case CollectiveType::kReduce:
      return MakeReduce(checked);
    case CollectiveType::kAllToAll:
      return MakeAllToAll(checked);
    case CollectiveType::kGather:
    case CollectiveType::kScatter:
      if (checked.algorithm == Algorithm::kTree) {
        return std::make_unique<SpanningTree>(n, checked.size_bytes, checked.root,
                                              checked.type == CollectiveType::kGather);
      }
      return std::make_unique<DirectExchange>(checked.type, n, checked.size_bytes, checked.root);
    case CollectiveType::kBarrier:
      break;
  }
  if (checked.algorithm == Algorithm::kTree) {
    return std::make_unique<BinomialTree>(n, 0, 0, TreePhases::kReduceThenBroadcast);
  }
  return std::make_unique<DisseminationBarrier>(n);
}

std::unique_ptr<Schedule> MakeSchedule(const CollectiveSpec& spec) {
  return MakeBoundedSchedule(spec);
}

}  // namespace ddlsim
