// SPDX-License-Identifier: MIT
//
// Von Neumann's method against the exponential distribution: moments, distance, memory.
#include "traffic/exponential.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "fabric/random.h"

namespace ddlsim {
namespace {

std::vector<double> Samples(uint64_t seed, size_t count) {
  std::vector<double> samples;
  for (size_t i = 0; i < count; ++i) {
    samples.push_back(std::ldexp(static_cast<double>(DrawExponential(seed, NameKey("test"), i)),
                                 -kExponentialBits));
  }
  return samples;
}

TEST(Exponential, HasItsMoments) {
  const std::vector<double> samples = Samples(1, 1000000);
  double sums[4] = {0, 0, 0, 0};
  for (const double x : samples) {
    double power = 1;
    for (double& sum : sums) sum += (power *= x);
  }
  const double expected[4] = {1, 2, 6, 24};  // n!
  for (int n = 0; n < 4; ++n) {
    double spread = 1;  // standard deviation of x^n: sqrt((2n)! - n!^2)
    for (int k = 2; k <= 2 * (n + 1); ++k) spread *= k;
    spread = std::sqrt(spread - expected[n] * expected[n]);
    EXPECT_NEAR(sums[n] / 1e6, expected[n], 4 * spread / 1e3) << "moment " << n + 1;
  }
}

TEST(Exponential, IsWithinTheKolmogorovSmirnovDistance) {
  for (const uint64_t seed : {1u, 2u, 3u}) {
    std::vector<double> samples = Samples(seed, 200000);
    std::sort(samples.begin(), samples.end());
    const double count = static_cast<double>(samples.size());
    double distance = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
      const double share = 1 - std::exp(-samples[i]);
      distance = std::max({distance, share - static_cast<double>(i) / count,
                           static_cast<double>(i + 1) / count - share});
    }
    // 1.95 / sqrt(n): exceeded by chance once in a thousand.
    EXPECT_LT(distance, 1.95 / std::sqrt(count)) << "seed " << seed;
  }
}

TEST(Exponential, SuccessiveSamplesAreUncorrelated) {
  const std::vector<double> samples = Samples(5, 500000);
  for (const size_t lag : {1u, 2u, 7u}) {
    double sum = 0;
    for (size_t i = lag; i < samples.size(); ++i) sum += (samples[i] - 1) * (samples[i - lag] - 1);
    EXPECT_NEAR(sum / static_cast<double>(samples.size()), 0, 4 / std::sqrt(5e5)) << lag;
  }
}

TEST(Exponential, ScalesWithoutOverflow) {
  const unsigned __int128 mean_q16 = static_cast<unsigned __int128>(1234567) << 16;
  EXPECT_EQ(ScaleExponential(mean_q16, uint64_t{1} << kExponentialBits), 1234567u);
  EXPECT_EQ(ScaleExponential(mean_q16, uint64_t{5} << (kExponentialBits - 1)), 3086417u);  // x 2.5
  const unsigned __int128 largest = static_cast<unsigned __int128>(1) << 72;
  EXPECT_EQ(ScaleExponential(largest, uint64_t{63} << kExponentialBits), uint64_t{63} << 56);
}

}  // namespace
}  // namespace ddlsim
