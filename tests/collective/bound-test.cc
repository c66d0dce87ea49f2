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

// How far above the bound the ideal time may be: nowhere, but for two cases of halving-doubling.
// - Blocks that differ by a byte let ranks run ahead of others and keep their ports busy when the
//   longer chain comes, which shows where blocks are as small as the difference.
// - While a folded core rank takes in its neighbour's buffer, its first exchange arrives at the
//   same port. The bound counts neither that wait nor, where the last block is empty, the fold.
double SlackFactor(const CollectiveSpec& spec) {
  const uint32_t n = spec.rank_count;
  const bool is_folded = !IsPowerOfTwo(n);
  const bool is_exact = !is_folded && spec.size_bytes % n == 0;
  if (spec.algorithm != Algorithm::kHalvingDoubling || is_exact) return 1;
  if (spec.size_bytes >= uint64_t{32} * n) return is_folded ? 1.15 : 1.001;
  return spec.size_bytes >= n ? 1.55 : 2.02;
}

// Messages round their times up: some ps, of n of them in a row in all_to_all.
uint64_t RoundingPs(const Schedule& schedule, uint32_t rank_count) {
  return schedule.StepCount() + rank_count;
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
          const auto reach_ps = static_cast<double>(bound_ps + RoundingPs(*schedule, n));
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
    const uint64_t tree_hops = IsPowerOfTwo(n) ? levels : levels - 1;
    expect(CollectiveType::kBroadcast, Algorithm::kTree,
           tree_hops * latency_ps + levels * size * byte_ps);
    if (!IsPowerOfTwo(n)) continue;
    expect(CollectiveType::kAllReduce, Algorithm::kHalvingDoubling,
           2 * levels * latency_ps + block * 2 * (n - 1) * byte_ps);
  }
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
