// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <stdexcept>

#include "base/input-error.h"
#include "collective/all-cases.h"
#include "collective/schedule.h"

namespace ddlsim {
namespace {

CollectiveSpec Spec(CollectiveType type, uint32_t rank_count, uint64_t size_bytes,
                    Algorithm algorithm = Algorithm::kAuto) {
  CollectiveSpec spec;
  spec.type = type;
  spec.algorithm = algorithm;
  spec.rank_count = rank_count;
  spec.size_bytes = size_bytes;
  return spec;
}

std::string ErrorOf(const CollectiveSpec& spec) {
  try {
    MakeSchedule(spec);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(AlgorithmChoice, NamesParseBack) {
  for (const Algorithm algorithm :
       {Algorithm::kAuto, Algorithm::kRing, Algorithm::kHalvingDoubling, Algorithm::kTree,
        Algorithm::kDirect, Algorithm::kDissemination, Algorithm::kDoubleBinaryTree,
        Algorithm::kBruck, Algorithm::kHierarchical, Algorithm::kPat, Algorithm::kNvls,
        Algorithm::kNvlsTree, Algorithm::kInNetwork, Algorithm::kTwoShot}) {
    EXPECT_EQ(ParseAlgorithm("--algo", AlgorithmName(algorithm)), algorithm);
  }
  try {
    ParseAlgorithm("--algo", "rnig");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "--algo: 'rnig' is no algorithm; did you mean 'ring'?");
  }
}

TEST(AlgorithmChoice, AutoIsOneAlgorithmPerCollectiveButAllReduce) {
  for (const uint64_t size_bytes : {0u, 1u, 1u << 30}) {
    EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kAllGather, 16, size_bytes)), Algorithm::kRing);
    EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kReduceScatter, 16, size_bytes)),
              Algorithm::kRing);
    EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kBroadcast, 16, size_bytes)), Algorithm::kTree);
    EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kReduce, 16, size_bytes)), Algorithm::kTree);
    EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kGather, 16, size_bytes)), Algorithm::kDirect);
    EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kScatter, 16, size_bytes)), Algorithm::kDirect);
    EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kAllToAll, 16, size_bytes)),
              Algorithm::kDirect);
    EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kBarrier, 16, size_bytes)),
              Algorithm::kDissemination);
  }
  EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kAllReduce, 16, 8, Algorithm::kRing)),
            Algorithm::kRing);
}

// 16 ranks: ring 30 latencies and 30 blocks, halving-doubling 8 latencies and twice 30 blocks, so
// that the sizes meet where 30 blocks, 30/16 of the size, are worth 22 latencies of 100,000 bytes.
TEST(AlgorithmChoice, AllReduceCrossesOverOnceAtTheDocumentedSize) {
  const uint64_t crossover_bytes = 22ull * 100000 * 16 / 30;
  EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kAllReduce, 16, crossover_bytes - 16)),
            Algorithm::kHalvingDoubling);
  EXPECT_EQ(ResolveAlgorithm(Spec(CollectiveType::kAllReduce, 16, crossover_bytes + 16)),
            Algorithm::kRing);
  for (const uint32_t n : {2u, 3u, 5u, 8u, 24u, 1000u, 1024u}) {
    bool was_ring = false;
    for (uint64_t size_bytes = 1; size_bytes < uint64_t{1} << 40; size_bytes *= 2) {
      const bool is_ring =
          ResolveAlgorithm(Spec(CollectiveType::kAllReduce, n, size_bytes)) == Algorithm::kRing;
      EXPECT_TRUE(is_ring || !was_ring) << n << " ranks, " << size_bytes << " bytes";
      was_ring = is_ring;
    }
    EXPECT_TRUE(was_ring);
  }
}

TEST(AlgorithmChoice, RefusesNodesThatDoNotFit) {
  CollectiveSpec spec = Spec(CollectiveType::kAllReduce, 16, 1024, Algorithm::kHierarchical);
  spec.local_size = 3;
  EXPECT_EQ(ErrorOf(spec),
            "--algo: hierarchical needs nodes of the same size, but 3 per node do not divide the "
            "group of 16 ranks; use whole nodes, or an algorithm that does not look at nodes");
  EXPECT_THROW(BoundPs(spec, 1000, 0, 1), InputError);
  spec.algorithm = Algorithm::kRing;
  EXPECT_EQ(ErrorOf(spec), "no error");
  spec.algorithm = Algorithm::kNvls;
  spec.local_size = 8;
  EXPECT_EQ(ErrorOf(spec),
            "--algo: nvls stays within one node, but the group of 16 ranks has 8 per node; use "
            "nvls_tree");
}

TEST(AlgorithmChoice, RefusesSizesByPairThatDoNotFit) {
  CollectiveSpec spec = Spec(CollectiveType::kAllToAll, 2, 0, Algorithm::kBruck);
  spec.pair_bytes = std::make_shared<const std::vector<uint64_t>>(4, 10);
  EXPECT_EQ(ErrorOf(spec),
            "--algo: bruck needs equal sizes of all pairs; use direct or hierarchical");
  spec.algorithm = Algorithm::kAuto;
  EXPECT_EQ(ErrorOf(spec), "no error");
  spec.pair_bytes = std::make_shared<const std::vector<uint64_t>>(4, kSizeMaxBytes / 2);
  EXPECT_EQ(ErrorOf(spec),
            "--size: the sizes of an all_to_all add up to too much; use at most 1125899906842624 "
            "bytes in all");
  spec.pair_bytes = std::make_shared<const std::vector<uint64_t>>(3, 10);
  EXPECT_THROW(MakeSchedule(spec), std::invalid_argument);
  spec = Spec(CollectiveType::kAllGather, 2, 8);
  spec.pair_bytes = std::make_shared<const std::vector<uint64_t>>(4, 10);
  EXPECT_THROW(MakeSchedule(spec), std::invalid_argument);
}

TEST(AlgorithmChoice, RefusesAlgorithmsOfOtherCollectives) {
  EXPECT_EQ(ErrorOf(Spec(CollectiveType::kReduce, 4, 1024, Algorithm::kBruck)),
            "--algo: reduce has no algorithm 'bruck'; use one of auto, tree, ring, "
            "halving_doubling");
  EXPECT_EQ(ErrorOf(Spec(CollectiveType::kAllToAll, 1, 0, Algorithm::kRing)),
            "--algo: all_to_all has no algorithm 'ring'; use one of auto, direct, bruck, "
            "hierarchical");
  // All pairs but those that exist.
  int refused = 0;
  for (const CollectiveSpec& known : AllSchedules(4)) {
    for (const CollectiveSpec& other : AllSchedules(4)) {
      refused += ErrorOf(Spec(known.type, 4, 8, other.algorithm)) == "no error" ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(AlgorithmChoice, RefusesSizesRootsAndGroupsOutOfRange) {
  EXPECT_EQ(ErrorOf(Spec(CollectiveType::kAllReduce, 4, kSizeMaxBytes + 1)),
            "--size: 1125899906842625 bytes is too large; use at most 1125899906842624 bytes");
  CollectiveSpec rooted = Spec(CollectiveType::kBroadcast, 4, 8);
  rooted.root = 4;
  EXPECT_EQ(ErrorOf(rooted),
            "root: 4 is outside the group of 4 ranks; roots count from 0 within the group");
  EXPECT_THROW(MakeSchedule(Spec(CollectiveType::kAllReduce, 0, 8)), std::invalid_argument);
  EXPECT_THROW(MakeSchedule(Spec(CollectiveType::kAllReduce, kRankCountMax + 1, 8)),
               std::invalid_argument);
}

TEST(AlgorithmChoice, NothingToDoTakesNoSteps) {
  for (const uint32_t n : {1u, 2u, 7u}) {
    for (CollectiveSpec spec : AllSchedules(n)) {
      spec.size_bytes = n == 1 ? 1000 : 0;
      const bool is_waiting = spec.type == CollectiveType::kBarrier && n > 1;
      EXPECT_EQ(MakeSchedule(spec)->StepCount() > 0, is_waiting);
      EXPECT_EQ(BoundPs(spec, 1000000000, 1000, 1) > 0, is_waiting);
    }
  }
}

// nccl-tests, doc/PERFORMANCE.md.
TEST(BusBandwidthFactor, FollowsNcclTests) {
  EXPECT_DOUBLE_EQ(BusBandwidthFactor(CollectiveType::kAllReduce, 8), 1.75);
  for (const CollectiveType type :
       {CollectiveType::kAllGather, CollectiveType::kReduceScatter, CollectiveType::kAllToAll,
        CollectiveType::kGather, CollectiveType::kScatter}) {
    EXPECT_DOUBLE_EQ(BusBandwidthFactor(type, 8), 0.875);
  }
  EXPECT_DOUBLE_EQ(BusBandwidthFactor(CollectiveType::kBroadcast, 8), 1);
  EXPECT_DOUBLE_EQ(BusBandwidthFactor(CollectiveType::kReduce, 8), 1);
  EXPECT_DOUBLE_EQ(BusBandwidthFactor(CollectiveType::kBarrier, 8), 0);
}

}  // namespace
}  // namespace ddlsim
