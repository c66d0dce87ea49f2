// SPDX-License-Identifier: MIT
//
// Traffic over the packet engine: every flow ends, beside others, and the same whatever comes
// first.
#include "traffic/traffic-source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <tuple>

#include "fabric/test-network.h"
#include "traffic/incast-flows.h"
#include "traffic/listener-split.h"
#include "traffic/one-shot-flows.h"
#include "traffic/poisson-flows.h"

namespace ddlsim {
namespace {

LinkConfig Link() {
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 1000000;
  return link;
}

struct TrafficRun {
  explicit TrafficRun(uint32_t hosts, std::function<bool()> may_start = {}, double loss = 0)
      : network(Graph(hosts, loss), FabricConfig(), NicConfig()) {
    TrafficConfig config;
    for (uint32_t host = 0; host < hosts; ++host) {
      config.host_keys.push_back(network.fabric.HostKey(host));
      traffic_hosts.push_back({network.fabric.HostKey(host), 100000000000});
    }
    for (uint32_t channel = 511; channel > 255; --channel) config.channels.push_back(channel);
    config.may_start = std::move(may_start);
    source = std::make_unique<TrafficSource>(network.nic, config);
    split = std::make_unique<ListenerSplit>(*source, network);
    network.nic.SetListener(split.get());
  }
  static NetworkGraph Graph(uint32_t hosts, double loss) {
    LinkConfig link = Link();
    link.loss = loss;
    SwitchConfig switches;
    switches.buffer_bytes = 8u << 20;
    return BuildStar(hosts, switches, link);
  }
  void AddPoisson(const std::string& sizes, uint64_t load_ppm, uint64_t until_ps) {
    PoissonConfig config;
    config.load_ppm = load_ppm;
    config.until_ps = until_ps;
    source->Add(sizes,
                std::make_unique<PoissonFlows>(FlowSizesByName(sizes), traffic_hosts, config));
  }
  void Run() {
    source->Start();
    network.Run();
  }

  TestNetwork network;
  std::vector<TrafficHost> traffic_hosts;
  std::unique_ptr<TrafficSource> source;
  std::unique_ptr<ListenerSplit> split;
};

TEST(TrafficSource, EveryFlowEnds) {
  for (const double loss : {0.0, 1e-3}) {
    TrafficRun run(8, {}, loss);
    run.AddPoisson("hadoop", 500000, 2000000000);
    IncastConfig incast;
    incast.degree = 5;
    incast.period_ps = 300000000;
    incast.until_ps = 2000000000;
    run.source->Add("incast", std::make_unique<IncastFlows>(8, incast));
    run.Run();
    EXPECT_TRUE(run.source->IsDone());
    EXPECT_GT(run.source->Counters().started_flows, 500u);
    EXPECT_EQ(run.network.flows.size(), run.source->Counters().started_flows);
    EXPECT_TRUE(run.network.received_ps.empty());  // nothing reaches the other listener
    EXPECT_TRUE(run.network.IsConserved());
    uint64_t bytes = 0, incasts = 0, last_ps = 0;
    for (const FlowRecord& flow : run.network.flows) {
      EXPECT_TRUE(TrafficCookie::IsTraffic(flow.cookie));
      EXPECT_GE(flow.end_ps - flow.start_ps, flow.ideal_ps);
      bytes += flow.size_bytes;
      incasts += TrafficCookie::Decode(flow.cookie).pattern == 1;
      last_ps = std::max(last_ps, flow.end_ps);
    }
    EXPECT_EQ(bytes, run.source->Counters().started_bytes);
    EXPECT_EQ(incasts, 7u * 5);
    EXPECT_EQ(last_ps, run.source->LastEndPs());
  }
}

// The hosts of the patterns are some of the fabric's, in any order.
TEST(TrafficSource, HostsAreWhichEndpointsTheyAre) {
  TestNetwork network(TrafficRun::Graph(6, 0), FabricConfig(), NicConfig());
  TrafficConfig config;
  config.endpoints = {4, 1, 5};
  for (uint32_t endpoint : config.endpoints) {
    config.host_keys.push_back(network.fabric.HostKey(endpoint));
  }
  config.channels = {256, 257};
  const std::vector<uint64_t> keys = config.host_keys;
  TrafficSource source(network.nic, config);
  source.Add("pairs", std::make_unique<OneShotFlows>(OneShotKind::kAllPairs, keys, 1000, 1));
  network.nic.SetListener(&source);
  source.Start();
  network.Run();
  EXPECT_TRUE(source.IsDone());
  std::set<std::pair<uint32_t, uint32_t>> pairs;
  for (const FlowRecord& flow : network.flows) pairs.insert({flow.src_host, flow.dst_host});
  EXPECT_EQ(network.flows.size(), 6u);
  EXPECT_EQ(pairs, (std::set<std::pair<uint32_t, uint32_t>>{
                       {1, 4}, {1, 5}, {4, 1}, {4, 5}, {5, 1}, {5, 4}}));
  config.endpoints.pop_back();
  EXPECT_THROW(TrafficSource(network.nic, config), std::logic_error);
}

TEST(TrafficSource, FlowsOfTwoHostsDoNotWaitForOneAnother) {
  // A flow of one packet finishes while a large one is under way between the same two hosts: fair
  // shares make it slower, waiting behind would make it a thousand times slower.
  class TwoFlows : public FlowPattern {
   public:
    bool NextFlow(uint32_t src_host, TrafficFlow& flow) override {
      if (src_host != 0 || m_count == 21) return false;
      flow.start_ps = m_count == 0 ? 0 : 1000000 + 100000 * m_count;
      flow.dst_host = 1;
      flow.size_bytes = m_count++ == 0 ? 50000000 : 1000;
      return true;
    }
    uint64_t m_count = 0;
  };
  TrafficRun run(2);
  run.source->Add("two", std::make_unique<TwoFlows>());
  run.Run();
  ASSERT_EQ(run.network.flows.size(), 21u);
  EXPECT_EQ(run.network.flows.back().size_bytes, 50000000u);
  for (size_t i = 0; i < 20; ++i) {
    const FlowRecord& flow = run.network.flows[i];
    EXPECT_LT(flow.end_ps - flow.start_ps, 10 * flow.ideal_ps);
    EXPECT_GE(flow.channel, 256u);
  }
}

TEST(TrafficSource, ManyFlowsOfOnePairShareChannelsAndEnd) {
  TrafficRun run(2);
  class ManyFlows : public FlowPattern {
   public:
    bool NextFlow(uint32_t src_host, TrafficFlow& flow) override {
      flow = {0, 1, 100000};
      return src_host == 0 && m_left > 0 && m_left-- > 0;
    }
    uint64_t m_left = 1000;
  };
  run.source->Add("many", std::make_unique<ManyFlows>());
  run.Run();
  EXPECT_TRUE(run.source->IsDone());
  EXPECT_EQ(run.network.flows.size(), 1000u);
  EXPECT_EQ(run.network.nic.QueuePairCount(), 256u);
}

TEST(TrafficSource, StopsWhenItMayNotStartMore) {
  TrafficRun* running = nullptr;
  TrafficRun run(4, [&running] { return running->network.fabric.NowPs() < 500000000; });
  running = &run;
  run.AddPoisson("storage", 300000, kNeverPs);
  run.Run();
  EXPECT_TRUE(run.source->IsDone());
  EXPECT_GT(run.source->Counters().completed_flows, 50u);
  for (const FlowRecord& flow : run.network.flows) EXPECT_LT(flow.start_ps, 500000000u);
}

TEST(TrafficSource, OtherMessagesReachTheirListener) {
  TrafficRun run(4);
  run.AddPoisson("storage", 300000, 200000000);
  run.network.nic.SendMessage(0, 1, 0, 1000000, 77);
  run.Run();
  EXPECT_EQ(run.network.received_ps.count(77), 1u);
  EXPECT_EQ(run.network.received_ps.size(), 1u);
  EXPECT_EQ(run.network.acknowledged_ps.count(77), 1u);
}

TEST(TrafficSource, OrderOfCreationChangesNothing) {
  using Row = std::tuple<uint64_t, uint64_t, uint32_t, uint32_t, uint64_t>;
  std::multiset<Row> rows[2];
  for (int turn = 0; turn < 2; ++turn) {
    TrafficRun run(6);
    IncastConfig incast;
    incast.degree = 4;
    incast.size_bytes = 123456;
    const auto add_poisson = [&] { run.AddPoisson("hadoop", 300000, 1000000000); };
    if (turn == 0) add_poisson();
    run.source->Add("incast", std::make_unique<IncastFlows>(6, incast));
    if (turn == 1) add_poisson();
    run.Run();
    for (const FlowRecord& flow : run.network.flows) {
      rows[turn].emplace(flow.start_ps, flow.size_bytes, flow.src_host, flow.dst_host, flow.end_ps);
    }
  }
  EXPECT_EQ(rows[0], rows[1]);
}

TEST(TrafficSource, RefusesImpossibleChannels) {
  TestNetwork network(BuildPair(Link()), FabricConfig(), NicConfig());
  TrafficConfig config;
  EXPECT_THROW(TrafficSource(network.nic, config), std::logic_error);
  config.channels.assign(513, 1);
  EXPECT_THROW(TrafficSource(network.nic, config), std::logic_error);
}

}  // namespace
}  // namespace ddlsim
