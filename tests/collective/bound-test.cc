// SPDX-License-Identifier: MIT
//
// The bound against the simplest network that there is: never above the time that the schedule
// takes there, and equal to it wherever the schedule keeps its critical path free of waiting.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "collective/all-cases.h"
#include "collective/check/collective-oracle.h"
#include "collective/ideal-network.h"

namespace ddlsim {
namespace {

constexpr uint64_t kGigabit = 1000000000;

CollectiveSpec Spec(CollectiveType type, Algorithm algorithm, uint32_t rank_count,
                    uint64_t size_bytes) {
  CollectiveSpec spec;
  spec.type = type;
  spec.algorithm = algorithm;
  spec.rank_count = rank_count;
  spec.size_bytes = size_bytes;
  return spec;
}

bool IsPowerOfTwo(uint64_t n) {
  return (n & (n - 1)) == 0;
}

// How far above the bound the ideal time may be where blocks differ by a byte: ranks then run ahead
// of others and keep their ports busy when the longer chain comes, which shows where blocks are as
// small as the difference. Where some are empty, messages are missing that the chain would need.
double UnevenFactor(const CollectiveSpec& spec) {
  const uint64_t n = spec.rank_count;
  if (spec.pair_bytes != nullptr) return 1.4;
  // These cut by other numbers than that of the ranks.
  const bool is_cut_again =
      spec.type == CollectiveType::kAllReduce && !IsPowerOfTwo(n) && spec.size_bytes < 32 * n;
  if (spec.size_bytes % n == 0 && !is_cut_again) return 1;
  if (spec.size_bytes >= 32 * n) return 1.001;
  return spec.size_bytes >= n ? 2.1 : 4;
}

// How far it may be apart from that: nowhere, but for these.
// - While a folded rank takes in its neighbour's buffer, its first exchange arrives at the same
//   port, and only one of two folded ranks is on the longest chain.
// - The two trees of a double binary tree meet at ports, as do the chains inside nodes.
// - Where the ranks are no power of two, the subtrees of a tree are unequal: a late message of a
//   smaller one may meet the last of a larger one.
double PortSharingFactor(const CollectiveSpec& spec) {
  const bool is_power_of_two = IsPowerOfTwo(spec.rank_count);
  switch (spec.algorithm) {
    case Algorithm::kHalvingDoubling:
      if (is_power_of_two) return 1;
      return spec.type == CollectiveType::kAllReduce ? 1.5 : 1.75;
    case Algorithm::kHierarchical:
      return spec.type == CollectiveType::kAllReduce ? 1.5 : 1;
    case Algorithm::kDoubleBinaryTree:
    case Algorithm::kNvlsTree:
      return 1.2;
    case Algorithm::kTree:
      return is_power_of_two ? 1 : 1.2;
    default:
      return 1;
  }
}

double SlackFactor(const CollectiveSpec& spec) {
  return UnevenFactor(spec) * PortSharingFactor(spec);
}

// Messages round their times up: some ps, of n of them in a row in all_to_all and in each shot of
// two.
uint64_t RoundingPs(const CollectiveSpec& spec, const Schedule& schedule) {
  const uint64_t rows = spec.algorithm == Algorithm::kTwoShot ? 2 : 1;
  return schedule.StepCount() + rows * spec.rank_count;
}

TEST(Bound, IsTheTimeOnAnIdealNetwork) {
  for (const uint32_t n : RankCounts()) {
    for (const CollectiveSpec& spec : AllCases(n)) {
      if (spec.root > 1) continue;
      const auto schedule = MakeSchedule(spec);
      for (const uint64_t rate_bps : {400 * kGigabit, 100 * kGigabit / 3}) {
        for (const uint64_t latency_ps : {0u, 1u, 1500000u}) {
          SCOPED_TRACE(DescribeCase(spec) + ", " + std::to_string(latency_ps) + " ps");
          const uint64_t bound_ps = BoundPs(spec, rate_bps, latency_ps, 1);
          const uint64_t ideal_ps = IdealTimePs(*schedule, n, rate_bps, latency_ps);
          ASSERT_LE(bound_ps, ideal_ps);
          ASSERT_LE(PipelinedBoundPs(spec, rate_bps, latency_ps, 1), ideal_ps);
          const auto reach_ps = static_cast<double>(bound_ps + RoundingPs(spec, *schedule));
          ASSERT_LE(static_cast<double>(ideal_ps), SlackFactor(spec) * reach_ps);
        }
      }
    }
  }
}

// 80 ps per byte at 100 Gb/s: all terms are whole picoseconds, so that nothing is rounded.
TEST(Bound, ClassicClosedFormsAreExact) {
  const uint64_t rate_bps = 100 * kGigabit;
  const uint64_t byte_ps = 80;
  const uint64_t latency_ps = 1234567;
  for (const uint32_t n : {2u, 3u, 4u, 8u, 12u, 16u, 64u}) {
    const uint64_t block = 65536;
    const uint64_t size = block * n;
    uint64_t levels = 0;
    while (uint64_t{1} << levels < n) ++levels;
    const auto expect = [&](CollectiveType type, Algorithm algorithm, uint64_t time_ps) {
      const CollectiveSpec spec = Spec(type, algorithm, n, size);
      EXPECT_EQ(BoundPs(spec, rate_bps, latency_ps, 1), time_ps) << DescribeCase(spec);
      EXPECT_EQ(IdealTimePs(*MakeSchedule(spec), n, rate_bps, latency_ps), time_ps)
          << DescribeCase(spec);
    };
    const uint64_t ring_ps = (n - 1) * (latency_ps + block * byte_ps);
    expect(CollectiveType::kAllReduce, Algorithm::kRing, 2 * ring_ps);
    expect(CollectiveType::kAllGather, Algorithm::kRing, ring_ps);
    expect(CollectiveType::kReduceScatter, Algorithm::kRing, ring_ps);
    expect(CollectiveType::kAllToAll, Algorithm::kDirect, latency_ps + (n - 1) * block * byte_ps);
    expect(CollectiveType::kBroadcast, Algorithm::kRing,
           (n - 1) * latency_ps + (size + (n - 2) * block) * byte_ps);
    expect(CollectiveType::kBarrier, Algorithm::kDissemination, levels * latency_ps);
    expect(CollectiveType::kAllReduce, Algorithm::kDirect, latency_ps + (n - 1) * size * byte_ps);
    expect(CollectiveType::kAllReduce, Algorithm::kTwoShot,
           2 * (latency_ps + (n - 1) * block * byte_ps));
    expect(CollectiveType::kReduce, Algorithm::kRing,
           (n - 1) * latency_ps + (size + (n - 2) * block) * byte_ps);
    const uint64_t shared_ps = (n - 1) * block * byte_ps;
    expect(CollectiveType::kGather, Algorithm::kDirect, latency_ps + shared_ps);
    expect(CollectiveType::kScatter, Algorithm::kDirect, latency_ps + shared_ps);
    expect(CollectiveType::kAllGather, Algorithm::kDirect, latency_ps + shared_ps);
    expect(CollectiveType::kReduceScatter, Algorithm::kDirect, latency_ps + shared_ps);
    expect(CollectiveType::kAllGather, Algorithm::kBruck, levels * latency_ps + shared_ps);
    expect(CollectiveType::kAllGather, Algorithm::kPat, levels * latency_ps + shared_ps);
    expect(CollectiveType::kReduceScatter, Algorithm::kPat, levels * latency_ps + shared_ps);
    expect(CollectiveType::kAllReduce, Algorithm::kNvls,
           2 * latency_ps + 2 * (size + block) * byte_ps);
    expect(CollectiveType::kAllReduce, Algorithm::kInNetwork, latency_ps + 2 * size * byte_ps);
    const uint64_t tree_hops = IsPowerOfTwo(n) ? levels : levels - 1;
    expect(CollectiveType::kBroadcast, Algorithm::kTree,
           tree_hops * latency_ps + levels * size * byte_ps);
    if (!IsPowerOfTwo(n)) continue;
    expect(CollectiveType::kAllReduce, Algorithm::kHalvingDoubling,
           2 * levels * latency_ps + block * 2 * (n - 1) * byte_ps);
    expect(CollectiveType::kAllReduce, Algorithm::kTree,
           2 * levels * latency_ps + 2 * (2 * levels - 1) * size * byte_ps);
    expect(CollectiveType::kAllGather, Algorithm::kHalvingDoubling,
           levels * latency_ps + shared_ps);
    expect(CollectiveType::kBroadcast, Algorithm::kHalvingDoubling,
           2 * levels * latency_ps + 2 * shared_ps);
    expect(CollectiveType::kReduce, Algorithm::kHalvingDoubling,
           2 * levels * latency_ps + 2 * shared_ps);
    expect(CollectiveType::kAllToAll, Algorithm::kBruck,
           levels * (latency_ps + size / 2 * byte_ps));
    expect(CollectiveType::kGather, Algorithm::kTree, levels * latency_ps + shared_ps);
    expect(CollectiveType::kScatter, Algorithm::kTree, levels * latency_ps + shared_ps);
    expect(CollectiveType::kReduce, Algorithm::kTree, levels * (latency_ps + size * byte_ps));
  }
}

// Nodes of L members: what crosses between nodes is 1/L of the buffer.
TEST(Bound, ClosedFormsOfNodesAreExact) {
  const uint64_t byte_ps = 80;
  const uint64_t latency_ps = 777;
  for (const auto& [nodes, members] :
       {std::pair<uint64_t, uint64_t>{4, 4}, {3, 8}, {8, 2}, {5, 3}}) {
    const uint64_t n = nodes * members;
    const uint64_t block = 4096;
    const uint64_t size = n * block;
    const auto expect = [&, members = members](CollectiveType type, Algorithm algorithm,
                                               uint64_t hops, uint64_t bytes) {
      CollectiveSpec spec = Spec(type, algorithm, static_cast<uint32_t>(n), size);
      spec.local_size = static_cast<uint32_t>(members);
      const uint64_t time_ps = hops * latency_ps + bytes * byte_ps;
      EXPECT_EQ(BoundPs(spec, 100 * kGigabit, latency_ps, 1), time_ps) << DescribeCase(spec);
      EXPECT_EQ(IdealTimePs(*MakeSchedule(spec), spec.rank_count, 100 * kGigabit, latency_ps),
                time_ps)
          << DescribeCase(spec);
    };
    expect(CollectiveType::kAllGather, Algorithm::kHierarchical, nodes, (n - 1) * block);
    expect(CollectiveType::kReduceScatter, Algorithm::kHierarchical, nodes, (n - 1) * block);
    expect(CollectiveType::kAllToAll, Algorithm::kHierarchical, 2,
           ((members - 1) * nodes + (nodes - 1) * members) * block);
    expect(CollectiveType::kAllReduce, Algorithm::kInNetwork, 1, 4 * size);
    if (!IsPowerOfTwo(nodes)) continue;
    uint64_t levels = 0;
    while (uint64_t{1} << levels < nodes) ++levels;
    // Halving-doubling across nodes at this size.
    expect(CollectiveType::kAllReduce, Algorithm::kHierarchical, 2 * (members - 1) + 2 * levels,
           2 * (members - 1) * (size / members) + 2 * (nodes - 1) * (size / n));
  }
}

TEST(Bound, PipelinesPassTheBusiestPortOnce) {
  const uint64_t size = 1 << 20;
  const auto pipelined = [&](Algorithm algorithm, uint64_t latency_ps) {
    return PipelinedBoundPs(Spec(CollectiveType::kAllReduce, algorithm, 16, size), 100 * kGigabit,
                            latency_ps, 1);
  };
  // Two children's data come up and the result comes down; with two trees, twice in and out in all.
  EXPECT_EQ(pipelined(Algorithm::kTree, 0), 3 * size * 80);
  EXPECT_EQ(pipelined(Algorithm::kDoubleBinaryTree, 0), 2 * size * 80);
  EXPECT_EQ(pipelined(Algorithm::kRing, 0), 2 * size / 16 * 15 * 80);
  EXPECT_EQ(pipelined(Algorithm::kNvls, 0), (size + size / 16) * 80);
  EXPECT_EQ(pipelined(Algorithm::kInNetwork, 0), size * 80);
  // Where the latencies of the tree take longer than all the bytes.
  EXPECT_EQ(pipelined(Algorithm::kTree, 1000000000), 8 * 1000000000ull);
}

TEST(Bound, CountsWireBytesAndRoundsDown) {
  const CollectiveSpec spec = Spec(CollectiveType::kAllReduce, Algorithm::kRing, 2, 8192);
  // Two blocks of 4,096 bytes in frames of 82 more: 8,356 bytes of 20 ps each, and twice 500 ps.
  EXPECT_EQ(BoundPs(spec, 400 * kGigabit, 500, 4178.0 / 4096), 168120u);
  EXPECT_EQ(BoundPs(spec, 3 * kGigabit, 0, 1), 8192ull * 8000 / 3);
  // No more than one part in a million is lost in the factor, and never gained.
  const uint64_t full_ps = BoundPs(spec, 1000000, 0, 1);
  for (const double factor : {1.082, 1.1, 1.3333333, 7.7}) {
    const double exact_ps = static_cast<double>(full_ps) * factor;
    const auto bound_ps = static_cast<double>(BoundPs(spec, 1000000, 0, factor));
    EXPECT_LE(bound_ps, exact_ps);
    EXPECT_GT(bound_ps, exact_ps * (1 - 1e-6));
  }
}

TEST(Bound, StaysExactAndBoundedAtTheLimits) {
  const CollectiveSpec largest =
      Spec(CollectiveType::kBroadcast, Algorithm::kTree, kRankCountMax, kSizeMaxBytes);
  // 20 levels of 2^50 bytes at 1 Tb/s, 8 ps per byte.
  EXPECT_EQ(BoundPs(largest, 1000 * kGigabit, 1, 1), 20 * kSizeMaxBytes * 8 + 20);
  EXPECT_EQ(BoundPs(largest, 1000 * kGigabit, 1, 64), kSizeMaxBytes * 64 * 20 * 8 + 20);
  EXPECT_EQ(BoundPs(largest, 1, UINT64_MAX, 1024), UINT64_MAX);
}

TEST(Bound, RefusesNetworksThatCannotBe) {
  const CollectiveSpec spec = Spec(CollectiveType::kAllReduce, Algorithm::kRing, 2, 8);
  EXPECT_THROW(BoundPs(spec, 0, 0, 1), std::invalid_argument);
  for (const double factor : {0.0, 0.999, 1025.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(BoundPs(spec, 1, 0, factor), std::invalid_argument);
  }
}

TEST(IdealNetwork, SharesAPortOneMessageAtATime) {
  // Both send 1,000 bytes to rank 0 at once; its port takes 80 ns for each.
  class Incast : public Schedule {
   public:
    uint32_t StepCount() const override { return 1; }
    void Step(uint32_t rank, uint32_t /*step*/, StepActions& actions) const override {
      actions.Clear();
      if (rank > 0) actions.sends.push_back({0, 0, 1000});
      if (rank == 0) actions.receives = {{1, 0, 1000, true}, {2, 0, 1000, true}};
    }
  };
  EXPECT_EQ(IdealTimePs(Incast(), 3, 100 * kGigabit, 7), 160007u);
}

}  // namespace
}  // namespace ddlsim
