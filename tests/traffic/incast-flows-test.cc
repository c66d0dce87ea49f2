// SPDX-License-Identifier: MIT
#include "traffic/incast-flows.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <stdexcept>

#include "traffic/one-shot-flows.h"

namespace ddlsim {
namespace {

// start -> (receiver, senders), asking the hosts in turn or one after another.
std::map<uint64_t, std::pair<uint32_t, std::set<uint32_t>>> Incasts(IncastFlows flows,
                                                                    uint32_t hosts, bool in_turn) {
  std::map<uint64_t, std::pair<uint32_t, std::set<uint32_t>>> incasts;
  std::vector<uint32_t> left;
  for (uint32_t host = hosts; host-- > 0;) left.push_back(host);
  while (!left.empty()) {
    std::vector<uint32_t> more;
    for (const uint32_t host : left) {
      TrafficFlow flow;
      uint64_t last_ps = 0;
      while (flows.NextFlow(host, flow)) {
        EXPECT_GE(flow.start_ps, last_ps);
        last_ps = flow.start_ps;
        auto& [receiver, senders] =
            incasts.emplace(flow.start_ps, std::make_pair(flow.dst_host, std::set<uint32_t>()))
                .first->second;
        EXPECT_EQ(receiver, flow.dst_host);
        EXPECT_TRUE(senders.insert(host).second);
        if (in_turn) {
          more.push_back(host);
          break;
        }
      }
    }
    left = more;
  }
  return incasts;
}

TEST(IncastFlows, EveryIncastHasItsSenders) {
  IncastConfig config;
  config.degree = 60;
  config.period_ps = 375000000;
  config.until_ps = 375000000 * 100ull;
  const auto incasts = Incasts(IncastFlows(320, config), 320, false);
  ASSERT_EQ(incasts.size(), 100u);
  std::set<uint32_t> receivers;
  for (const auto& [start_ps, incast] : incasts) {
    EXPECT_EQ(start_ps % config.period_ps, 0u);
    EXPECT_EQ(incast.second.size(), 60u);
    EXPECT_EQ(incast.second.count(incast.first), 0u);
    receivers.insert(incast.first);
  }
  EXPECT_GT(receivers.size(), 60u);
  EXPECT_EQ(Incasts(IncastFlows(320, config), 320, true), incasts);  // whoever asks first
}

TEST(IncastFlows, OnceAndAllToOne) {
  IncastConfig config;
  config.degree = 7;
  const auto incasts = Incasts(IncastFlows(8, config), 8, false);
  ASSERT_EQ(incasts.size(), 1u);
  EXPECT_EQ(incasts.at(0).second.size(), 7u);
  EXPECT_THROW(IncastFlows(7, config), std::logic_error);
  config.degree = 0;
  EXPECT_THROW(IncastFlows(7, config), std::logic_error);
}

TEST(IncastFlows, SendersAreDrawnEvenly) {
  IncastConfig config;
  config.degree = 3;
  config.period_ps = 1;
  const IncastFlows flows(8, config);
  std::vector<int> senders(8, 0), receivers(8, 0);
  for (uint64_t i = 0; i < 8000; ++i) {
    const IncastFlows::Members members = flows.MembersOf(i);
    ++receivers[members.receiver];
    for (const uint32_t sender : members.senders) ++senders[sender];
  }
  for (int host = 0; host < 8; ++host) {
    EXPECT_NEAR(receivers[host], 1000, 4 * 30);
    EXPECT_NEAR(senders[host], 3000, 4 * 44);
  }
}

TEST(IncastFlows, PeriodFollowsFromTheLoad) {
  // HPCC's: 60 times 500 KB at 2 % of 320 hosts of 100 Gb/s, 2.4e8 bits at 6.4e11 bit/s.
  EXPECT_EQ(IncastPeriodPs(60, 500000, 20000, 320 * 100000000000ull), 375000000u);
  EXPECT_EQ(IncastPeriodPs(1, 1, 1, 1), kNeverPs);
}

TEST(OneShotFlows, RandomAndAllPairs) {
  const std::vector<uint64_t> keys{11, 22, 33, 44, 55};
  OneShotFlows all(OneShotKind::kAllPairs, keys, 1000, 1), one(OneShotKind::kRandom, keys, 9, 1);
  std::set<std::pair<uint32_t, uint32_t>> pairs;
  for (uint32_t host = 0; host < 5; ++host) {
    TrafficFlow flow;
    while (all.NextFlow(host, flow)) {
      EXPECT_EQ(flow.start_ps, 0u);
      EXPECT_NE(flow.dst_host, host);
      pairs.insert({host, flow.dst_host});
    }
    ASSERT_TRUE(one.NextFlow(host, flow));
    EXPECT_NE(flow.dst_host, host);
    EXPECT_LT(flow.dst_host, 5u);
    EXPECT_EQ(flow.size_bytes, 9u);
    EXPECT_FALSE(one.NextFlow(host, flow));
  }
  EXPECT_EQ(pairs.size(), 20u);
}

}  // namespace
}  // namespace ddlsim
