// SPDX-License-Identifier: MIT
#include "traffic/flow-size-distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "fabric/random.h"

namespace ddlsim {
namespace {

double MeanBytes(const FlowSizeDistribution& sizes) {
  return static_cast<double>(sizes.MeanBytesQ16()) / 65536;
}

TEST(FlowSizes, MeansAreThoseOfTheTables) {
  // Sums over the segments of (share in percent) * (middle of the sizes) / 100, by hand.
  EXPECT_NEAR(MeanBytes(FlowSizesByName("websearch")), 1711250, 1e-4);
  EXPECT_NEAR(MeanBytes(FlowSizesByName("hadoop")), 120420.75, 1e-4);
  EXPECT_NEAR(MeanBytes(FlowSizesByName("storage")), 40869.8, 1e-4);
}

TEST(FlowSizes, MeanOfSmallTables) {
  EXPECT_DOUBLE_EQ(MeanBytes(FlowSizeDistribution({{0, 0}, {100, 1000000000}})), 50);
  EXPECT_DOUBLE_EQ(MeanBytes(FlowSizeDistribution::Fixed(4096)), 4096);
  // A tenth of the flows has 10 bytes, the others lie between 10 and 30.
  EXPECT_NEAR(MeanBytes(FlowSizeDistribution({{10, 100000000}, {30, 1000000000}})), 19, 1e-4);
}

TEST(FlowSizes, QuantilesAreLinearBetweenPoints) {
  const FlowSizeDistribution sizes({{1000, 0}, {2000, 500000000}, {10000, 1000000000}});
  const uint64_t eighth = uint64_t{1} << 61;
  EXPECT_EQ(sizes.SizeAt(0), 1000u);
  EXPECT_EQ(sizes.SizeAt(eighth), 1250u);
  EXPECT_EQ(sizes.SizeAt(4 * eighth), 2000u);
  EXPECT_EQ(sizes.SizeAt(6 * eighth), 6000u);
  EXPECT_EQ(sizes.SizeAt(UINT64_MAX), 10000u);
  EXPECT_EQ(FlowSizeDistribution({{0, 0}, {100, 1000000000}}).SizeAt(0), 1u);  // never empty
  const FlowSizeDistribution jump({{10, 500000000}, {20, 500000000}, {20, 1000000000}});
  EXPECT_EQ(jump.SizeAt(0), 10u);
  EXPECT_EQ(jump.SizeAt(5 * eighth), 20u);
}

TEST(FlowSizes, SamplesFollowTheDistribution) {
  constexpr size_t kCount = 400000;
  for (const std::string& name : FlowSizeNames()) {
    const FlowSizeDistribution sizes = FlowSizesByName(name);
    std::vector<double> samples;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < kCount; ++i) {
      samples.push_back(static_cast<double>(sizes.SizeAt(Draw(11, NameKey(name), i))));
      sum += samples.back();
      squares += samples.back() * samples.back();
    }
    std::sort(samples.begin(), samples.end());
    double distance = 0;
    for (size_t i = 0; i < kCount;) {
      size_t end = i;  // sizes are whole bytes: compare where one ends, at the middle to the next
      while (end < kCount && samples[end] == samples[i]) ++end;
      const double share = sizes.ShareAtOrBelow(samples[i] + 0.5);
      distance = std::max(distance, std::abs(share - static_cast<double>(end) / kCount));
      i = end;
    }
    EXPECT_LT(distance, 1.95 / std::sqrt(kCount)) << name;
    const double mean = sum / kCount;
    const double spread = std::sqrt(squares / kCount - mean * mean);
    EXPECT_NEAR(mean, MeanBytes(sizes), 4 * spread / std::sqrt(kCount)) << name;
  }
}

TEST(FlowSizes, RefuseTablesThatAreNone) {
  EXPECT_THROW(FlowSizeDistribution({}), std::logic_error);
  EXPECT_THROW(FlowSizeDistribution({{0, 0}, {10, 999999999}}), std::logic_error);
  EXPECT_THROW(FlowSizeDistribution({{10, 0}, {5, 1000000000}}), std::logic_error);
  EXPECT_THROW(FlowSizeDistribution({{0, 5}, {6, 4}, {7, 1000000000}}), std::logic_error);
  EXPECT_THROW(FlowSizeDistribution::Fixed(0), std::logic_error);
  EXPECT_THROW(FlowSizesByName("web"), std::logic_error);
}

}  // namespace
}  // namespace ddlsim
