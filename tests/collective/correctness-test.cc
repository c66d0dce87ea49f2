// SPDX-License-Identifier: MIT
//
// Every schedule, executed on symbolic data in random legal orders, ends with every contribution
// exactly once at every rank.
#include <gtest/gtest.h>

#include <iterator>

#include "collective/all-cases.h"
#include "collective/check/collective-oracle.h"

namespace ddlsim {
namespace {

constexpr ExecutionOrder kOrders[] = {ExecutionOrder::kUniform, ExecutionOrder::kNewestFirst,
                                      ExecutionOrder::kSkewed};

// All orders for groups of up to 9; other roots than the first and larger groups take turns.
bool IsTried(const CollectiveSpec& spec, size_t case_index, size_t order_index) {
  const bool in_all_orders = spec.rank_count <= 9 && spec.root == 0;
  return in_all_orders || case_index % std::size(kOrders) == order_index;
}

TEST(CollectiveCorrectness, EveryContributionExactlyOnceInAnyOrder) {
  std::mt19937_64 random(PrintedSeed(20250117));
  for (const uint32_t n : RankCounts()) {
    size_t case_index = 0;
    for (const CollectiveSpec& spec : AllCases(n)) {
      const auto schedule = MakeSchedule(spec);
      ++case_index;
      for (size_t i = 0; i < std::size(kOrders); ++i) {
        if (!IsTried(spec, case_index, i)) continue;
        ASSERT_EQ(ScheduleProblem(spec, *schedule, kOrders[i], random), "") << DescribeCase(spec);
      }
    }
  }
}

TEST(CollectiveCorrectness, AutomaticChoiceIsCorrectOnBothSidesOfTheCrossover) {
  std::mt19937_64 random(PrintedSeed(7));
  for (const uint32_t n : {3u, 12u, 16u}) {
    for (const uint64_t size_bytes : {1000u, 100000000u}) {
      CollectiveSpec spec;
      spec.rank_count = n;
      spec.size_bytes = size_bytes;
      EXPECT_EQ(ScheduleProblem(spec, *MakeSchedule(spec), ExecutionOrder::kUniform, random), "")
          << DescribeCase(spec);
    }
  }
}

// Step() may be called in any order, and clears what the actions held before.
TEST(CollectiveCorrectness, StepsAreStateless) {
  for (const CollectiveSpec& spec : AllCases(6)) {
    const auto schedule = MakeSchedule(spec);
    const auto other = MakeSchedule(spec);
    StepActions forward;
    StepActions backward;
    for (uint32_t i = 0; i < 6 * schedule->StepCount(); ++i) {
      const uint32_t rank = i % 6;
      const uint32_t step = i / 6;
      schedule->Step(rank, step, forward);
      other->Step(5 - rank, schedule->StepCount() - 1 - step, backward);
      other->Step(rank, step, backward);
      ASSERT_EQ(forward.sends.size(), backward.sends.size());
      ASSERT_EQ(forward.receives.size(), backward.receives.size());
      for (size_t j = 0; j < forward.sends.size(); ++j) {
        EXPECT_EQ(forward.sends[j].peer, backward.sends[j].peer);
        EXPECT_EQ(forward.sends[j].offset_bytes, backward.sends[j].offset_bytes);
      }
    }
  }
}

}  // namespace
}  // namespace ddlsim
