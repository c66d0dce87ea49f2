// SPDX-License-Identifier: MIT
//
// Loss makes a run slower, never stuck; what cannot get through gives up and is named.
#include <gtest/gtest.h>

#include <algorithm>

#include "fabric/test-network.h"

namespace ddlsim {
namespace {

uint64_t RunWithLoss(double loss, uint64_t seed, uint32_t ack_every, bool is_sr = false) {
  LinkConfig link;
  link.loss = loss;
  FabricConfig fabric;
  fabric.seed = seed;
  NicConfig nic;
  nic.ack_every = ack_every;
  nic.is_selective_repeat = is_sr;
  TestNetwork network(BuildStar(4, {}, link), fabric, nic);
  uint64_t cookie = 0;
  for (uint32_t src = 0; src < 4; ++src) {
    for (uint32_t dst = 0; dst < 4; ++dst) {
      if (src == dst) continue;
      network.nic.SendMessage(src, dst, 0, 2000000, cookie++);
      network.nic.SendMessage(src, dst, 0, 0, cookie++);
    }
  }
  network.Run();
  EXPECT_EQ(network.received_ps.size(), cookie);
  EXPECT_EQ(network.acknowledged_ps.size(), cookie);
  EXPECT_EQ(network.bytes_received, 12 * 2000000u);
  EXPECT_TRUE(network.IsConserved());
  EXPECT_EQ(network.fabric.Frames().InUse(), 0u);
  EXPECT_TRUE(network.nic.UnfinishedQueuePairs().empty());
  EXPECT_EQ(network.nic.Counters().retransmitted_packets > 0, loss > 0);
  // Messages of one queue pair arrive once each, in order.
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> last;
  for (const FlowRecord& flow : network.flows) {
    auto [entry, is_new] = last.emplace(std::make_pair(flow.src_host, flow.dst_host), flow.cookie);
    if (!is_new) {
      EXPECT_GT(flow.cookie, entry->second);
      entry->second = flow.cookie;
    }
  }
  uint64_t end_ps = 0;  // of the last acknowledgement; idle timers come later
  for (const auto& [message, time_ps] : network.acknowledged_ps) end_ps = std::max(end_ps, time_ps);
  return end_ps;
}

TEST(Recovery, EveryLossRateEnds) {
  for (uint32_t ack_every : {1u, 8u}) {
    const uint64_t clean_ps = RunWithLoss(0, 1, ack_every);
    for (double loss : {1e-3, 1e-2, 0.1, 0.5}) {
      for (uint64_t seed = 1; seed <= 3; ++seed) {
        const uint64_t gbn_ps = RunWithLoss(loss, seed, ack_every);
        const uint64_t sr_ps = RunWithLoss(loss, seed, ack_every, true);
        EXPECT_GT(gbn_ps, clean_ps) << loss;
        EXPECT_GT(sr_ps, clean_ps) << loss;
        if (loss < 0.5) {
          EXPECT_LE(sr_ps, gbn_ps) << loss << " seed " << seed;
        }
      }
    }
  }
}

// Queue pairs that take turns at a port, acknowledgements for several packets and small buffers are
// no silence of the network.
TEST(Recovery, NothingIsSentAgainWhereNothingIsLost) {
  for (uint32_t hosts : {32u, 64u}) {
    SwitchConfig switches;
    switches.buffer_bytes = hosts * 16384;
    TestNetwork network(BuildStar(hosts, switches, {}), {}, {});
    for (uint32_t round = 1; round < hosts; ++round) {
      for (uint32_t src = 0; src < hosts; ++src) {
        network.nic.SendMessage(src, (src + round) % hosts, 0, (64u << 20) / hosts / hosts, src);
      }
    }
    network.Run();
    const FabricCounters counters = network.fabric.Counters();
    EXPECT_EQ(counters.dropped_frames, 0u);
    EXPECT_EQ(network.nic.Counters().timeouts, 0u);
    EXPECT_EQ(network.nic.Counters().retransmitted_packets, 0u);
  }
}

TEST(Recovery, DifferentSeedsLoseDifferentPackets) {
  EXPECT_NE(RunWithLoss(0.01, 1, 1), RunWithLoss(0.01, 2, 1));
  EXPECT_EQ(RunWithLoss(0.01, 5, 1), RunWithLoss(0.01, 5, 1));
}

TEST(Recovery, TotalLossGivesUpAndIsNamed) {
  NetworkGraph graph;
  LinkConfig dead;
  dead.loss = 1.0;
  for (const char* name : {"host-0", "host-1", "host-2"}) graph.AddHost(name);
  graph.AddSwitch("s", {});
  graph.AddLink("host-0", "s", {});
  graph.AddLink("host-1", "s", {});
  graph.AddLink("host-2", "s", dead);
  graph.Canonicalize();
  TestNetwork network(graph, {}, {});
  network.nic.SendMessage(0, 1, 0, 100000, 1);
  network.nic.SendMessage(0, 2, 0, 100000, 2);
  network.Run();  // ends: nothing is left to happen
  EXPECT_EQ(network.received_ps.count(1), 1u);
  EXPECT_EQ(network.received_ps.count(2), 0u);
  ASSERT_EQ(network.nic.UnfinishedQueuePairs().size(), 1u);
  const SendQueuePair& stuck = network.nic.QueuePair(network.nic.UnfinishedQueuePairs()[0]);
  EXPECT_TRUE(stuck.is_failed);
  EXPECT_EQ(stuck.dst_host, 2u);
  EXPECT_TRUE(network.IsConserved());
}

}  // namespace
}  // namespace ddlsim
