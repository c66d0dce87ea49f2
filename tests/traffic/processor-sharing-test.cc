// SPDX-License-Identifier: MIT
//
// Flows that arrive at random at one port which takes their packets in turn are an M/G/1 queue with
// processor sharing: the mean slowdown is 1 / (1 - load), whatever the sizes and for each size
// alike (Kleinrock, Queueing Systems 2, section 4.4).
#include <gtest/gtest.h>

#include <memory>

#include "fabric/random.h"
#include "fabric/test-network.h"
#include "traffic/poisson-flows.h"
#include "traffic/traffic-source.h"

namespace ddlsim {
namespace {

TEST(ProcessorSharing, MeanSlowdownFollowsFromTheLoad) {
  constexpr uint64_t kRateBps = 100000000000;
  const FlowSizeDistribution sizes(
      {{40960, 0}, {409600, 600000000}, {4096000, FlowSizeDistribution::kWholePpb}});
  for (const uint64_t load_ppm : {300000u, 500000u, 700000u}) {
    LinkConfig link;
    link.rate_bps = kRateBps;
    link.delay_ps = 10000;  // short, so that a flow's ideal time is that of its bytes
    TestNetwork network(BuildPair(link), FabricConfig(), NicConfig());
    PoissonConfig poisson;
    poisson.load_ppm = load_ppm;
    poisson.until_ps = 2 * kPsPerSecond;
    TrafficConfig config;
    std::vector<TrafficHost> hosts;
    for (uint32_t host = 0; host < 2; ++host) {
      config.host_keys.push_back(network.fabric.HostKey(host));
      hosts.push_back({network.fabric.HostKey(host), kRateBps});
    }
    for (uint32_t channel = 0; channel < 256; ++channel) config.channels.push_back(channel);
    TrafficSource source(network.nic, config);
    source.Add("sizes", std::make_unique<PoissonFlows>(sizes, hosts, poisson));
    network.nic.SetListener(&source);
    source.Start();
    network.Run();
    ASSERT_TRUE(source.IsDone());

    // Small and large flows apart: neither is favoured.
    double slowdowns[2] = {0, 0}, counts[2] = {0, 0};
    for (const FlowRecord& flow : network.flows) {
      const int is_large = flow.size_bytes > 409600 ? 1 : 0;
      slowdowns[is_large] +=
          static_cast<double>(flow.end_ps - flow.start_ps) / static_cast<double>(flow.ideal_ps);
      ++counts[is_large];
    }
    const double wire_load = static_cast<double>(load_ppm) / 1e6 * (4096 + 82) / 4096;
    for (int is_large = 0; is_large < 2; ++is_large) {
      EXPECT_GT(counts[is_large], 4000);
      EXPECT_NEAR(slowdowns[is_large] / counts[is_large] * (1 - wire_load), 1, 0.06)
          << "load " << load_ppm << (is_large ? ", large flows" : ", small flows");
    }
  }
}

}  // namespace
}  // namespace ddlsim
