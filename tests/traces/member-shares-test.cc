// SPDX-License-Identifier: MIT
#include "traces/member-shares.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/traces/random-graph.h"

namespace ddlsim {
namespace {

using Bytes = std::vector<uint64_t>;

TEST(MemberShares, PartsEndWhereTheWeightsDo) {
  EXPECT_EQ(CutByShares(100, {3, 1}), (Bytes{75, 25}));
  EXPECT_EQ(CutByShares(10, {1, 1, 1}), (Bytes{3, 3, 4}));
  EXPECT_EQ(CutByShares(7, {0, 5, 0}), (Bytes{0, 7, 0}));
  EXPECT_EQ(CutByShares(0, {2, 1}), (Bytes{0, 0}));
}

TEST(MemberShares, NothingIsLostAndNothingIsOffByAByte) {
  RandomGraph random(TestSeed(31));
  for (int round = 0; round < 2000; ++round) {
    const uint64_t size_bytes = random.Magnitude(kSizeMaxBytes);
    const Bytes weights = random.Shares(1 + random.Below(40)).weights;
    const Bytes parts = CutByShares(size_bytes, weights);
    ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), uint64_t{0}), size_bytes);
    const long double sum = std::accumulate(weights.begin(), weights.end(), 0.0L);
    for (size_t i = 0; i < parts.size(); ++i) {
      const long double exact = static_cast<long double>(size_bytes) * weights[i] / sum;
      ASSERT_NEAR(static_cast<double>(static_cast<long double>(parts[i]) - exact), 0, 1.001);
      ASSERT_TRUE(weights[i] != 0 || parts[i] == 0);
    }
  }
}

TEST(MemberShares, TheLargestThereAre) {
  const Bytes weights(kRankCountMax, kShareWeightMax);
  EXPECT_EQ(CutByShares(kSizeMaxBytes, weights), Bytes(kRankCountMax, kSizeMaxBytes >> 20));
  EXPECT_EQ(ShareProblem(weights), nullptr);
  EXPECT_NE(ShareProblem(Bytes(kRankCountMax + 1, 1)), nullptr);
}

}  // namespace
}  // namespace ddlsim
