// SPDX-License-Identifier: MIT
#include "traffic/poisson-flows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "fabric/random.h"

namespace ddlsim {
namespace {

std::vector<TrafficHost> Hosts(uint32_t count, uint64_t rate_bps = 100000000000) {
  std::vector<TrafficHost> hosts;
  for (uint32_t i = 0; i < count; ++i)
    hosts.push_back({NameKey("host-" + std::to_string(i)), rate_bps});
  return hosts;
}

using Row = std::tuple<uint64_t, uint32_t, uint64_t>;
std::vector<Row> FlowsOf(PoissonFlows& flows, uint32_t host) {
  std::vector<Row> rows;
  for (TrafficFlow flow; flows.NextFlow(host, flow);) {
    rows.emplace_back(flow.start_ps, flow.dst_host, flow.size_bytes);
  }
  return rows;
}

TEST(PoissonFlows, OfferTheirLoad) {
  for (const std::string& name : FlowSizeNames()) {
    PoissonConfig config;
    config.load_ppm = 300000;
    config.until_ps = 40 * kPsPerSecond;
    PoissonFlows flows(FlowSizesByName(name), Hosts(4), config);
    double bytes = 0, count = 0;
    for (uint32_t host = 0; host < 4; ++host) {
      for (const Row& row : FlowsOf(flows, host)) {
        bytes += static_cast<double>(std::get<2>(row));
        ++count;
      }
    }
    const double offered = 8 * bytes / (4 * 40 * 100e9);
    EXPECT_NEAR(offered / 0.3, 1, 0.02) << name;
    EXPECT_GT(count, 300000) << name;
  }
}

TEST(PoissonFlows, CountsInWindowsAreThoseOfAPoissonProcess) {
  PoissonConfig config;
  config.load_ppm = 500000;
  config.until_ps = 2 * kPsPerSecond;
  PoissonFlows flows(FlowSizeDistribution::Fixed(10000), Hosts(2), config);
  std::vector<double> counts(20000, 0);  // windows of 100 us, 62.5 flows each
  for (const Row& row : FlowsOf(flows, 0)) ++counts[std::get<0>(row) / 100000000];
  double sum = 0, squares = 0;
  for (const double count : counts) {
    sum += count;
    squares += count * count;
  }
  const double mean = sum / 20000, variance = squares / 20000 - mean * mean;
  EXPECT_NEAR(mean, 62.5, 4 * std::sqrt(62.5 / 20000));
  EXPECT_NEAR(variance / mean, 1, 4 * std::sqrt(2.0 / 20000));  // the mark of a Poisson process
}

TEST(PoissonFlows, DestinationsAreUniformAmongTheOthers) {
  PoissonConfig config;
  config.load_ppm = 500000;
  config.flows_max = 5 * 40000;
  PoissonFlows flows(FlowSizeDistribution::Fixed(1000), Hosts(5), config);
  for (uint32_t host = 0; host < 5; ++host) {
    std::vector<int> counts(5, 0);
    for (const Row& row : FlowsOf(flows, host)) ++counts[std::get<1>(row)];
    for (uint32_t other = 0; other < 5; ++other) {
      EXPECT_NEAR(counts[other], other == host ? 0 : 10000, other == host ? 0 : 4 * 87);
    }
  }
}

TEST(PoissonFlows, DoNotDependOnWhoAsksFirstNorOnOtherHosts) {
  PoissonConfig config;
  config.load_ppm = 800000;
  config.until_ps = 10000000000;
  const auto make = [&](uint64_t seed) {
    config.seed = seed;
    return PoissonFlows(FlowSizesByName("hadoop"), Hosts(4), config);
  };
  PoissonFlows first = make(1), second = make(1), other = make(2);
  std::vector<std::vector<Row>> up, down(4), seeded;
  for (uint32_t host = 0; host < 4; ++host) up.push_back(FlowsOf(first, host));
  for (uint32_t host = 4; host-- > 0;) down[host] = FlowsOf(second, host);
  for (uint32_t host = 0; host < 4; ++host) seeded.push_back(FlowsOf(other, host));
  EXPECT_EQ(up, down);
  EXPECT_NE(up, seeded);
  EXPECT_NE(up[0], up[1]);
  // A host's flows are a matter of its name: where it stands among the hosts does not change when
  // they start and how large they are.
  std::vector<TrafficHost> reversed = Hosts(4);
  std::reverse(reversed.begin(), reversed.end());
  config.seed = 1;
  PoissonFlows renamed(FlowSizesByName("hadoop"), reversed, config);
  const std::vector<Row> moved = FlowsOf(renamed, 3);
  ASSERT_EQ(moved.size(), up[0].size());
  for (size_t i = 0; i < moved.size(); ++i) {
    EXPECT_EQ(std::get<0>(moved[i]), std::get<0>(up[0][i]));
    EXPECT_EQ(std::get<2>(moved[i]), std::get<2>(up[0][i]));
  }
}

TEST(PoissonFlows, LimitsHold) {
  PoissonConfig config;
  config.load_ppm = 1000000;
  config.flows_max = 10;
  PoissonFlows few(FlowSizeDistribution::Fixed(1000), Hosts(4), config);
  size_t total = 0;
  for (uint32_t host = 0; host < 4; ++host) {
    const size_t count = FlowsOf(few, host).size();
    EXPECT_TRUE(count == 2 || count == 3);
    total += count;
  }
  EXPECT_EQ(total, 10u);
  config.until_ps = 1;
  PoissonFlows none(FlowSizeDistribution::Fixed(1000), Hosts(4), config);
  EXPECT_TRUE(FlowsOf(none, 0).empty());
  // A flow in years: no time overflows.
  config = PoissonConfig();
  config.load_ppm = 1;
  config.until_ps = uint64_t{1} << 62;
  PoissonFlows rare(FlowSizeDistribution::Fixed(uint64_t{1} << 40), Hosts(2, 1), config);
  EXPECT_LT(FlowsOf(rare, 0).size(), 200u);
  EXPECT_THROW(PoissonFlows(FlowSizeDistribution::Fixed(1), Hosts(1), config), std::logic_error);
  config.load_ppm = 0;
  EXPECT_THROW(PoissonFlows(FlowSizeDistribution::Fixed(1), Hosts(2), config), std::logic_error);
}

}  // namespace
}  // namespace ddlsim
