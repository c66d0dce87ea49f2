// SPDX-License-Identifier: MIT
//
// On an idle path a message takes exactly what its sizes, rates and delays say, to the picosecond.
#include <gtest/gtest.h>

#include <algorithm>

#include "fabric/test-network.h"
#include "nic/wire-format.h"

namespace ddlsim {
namespace {

constexpr uint64_t kRates[] = {10000000000,  25000000000,  40000000000,  100000000000,
                               200000000000, 400000000000, 800000000000, 1600000000000};

// ceil(bytes x 8 x 10^12 / rate), written apart from the engine's own function.
uint64_t WirePs(uint64_t frame_bytes, uint64_t rate_bps) {
  const unsigned __int128 bits_ps =
      static_cast<unsigned __int128>(frame_bytes + 20) * 8 * 1000000000000ull;
  return static_cast<uint64_t>((bits_ps + rate_bps - 1) / rate_bps);
}

// The recurrence of a path, packet by packet and hop by hop; with `cut_bytes`, a switch begins when
// so much of a frame is there, unless it would send faster than it receives.
uint64_t RecurrencePs(uint64_t message_bytes, uint32_t payload, const std::vector<uint64_t>& rates,
                      uint64_t delay_ps, uint64_t latency_ps, uint64_t cut_bytes = 0) {
  std::vector<uint64_t> free_ps(rates.size(), 0);
  uint64_t arrival_ps = 0;
  const uint64_t packets = message_bytes == 0 ? 1 : (message_bytes + payload - 1) / payload;
  for (uint64_t i = 0; i < packets; ++i) {
    const uint64_t bytes = std::min<uint64_t>(payload, message_bytes - i * payload);
    arrival_ps = 0;
    for (size_t hop = 0; hop < rates.size(); ++hop) {
      const uint64_t ready_ps = arrival_ps + (hop > 0 ? latency_ps : 0);
      const uint64_t start_ps = std::max(ready_ps, free_ps[hop]);
      const uint64_t frame_bytes = bytes + 62 + (i == 0 ? 16 : 0);
      free_ps[hop] = start_ps + WirePs(frame_bytes, rates[hop]);
      arrival_ps = free_ps[hop] + delay_ps;
      if (cut_bytes == 0 || hop + 1 == rates.size() || rates[hop + 1] > rates[hop]) continue;
      if (frame_bytes > cut_bytes) {
        arrival_ps -= WirePs(frame_bytes, rates[hop]) - WirePs(cut_bytes, rates[hop]);
      }
    }
  }
  return arrival_ps;
}

NetworkGraph Line(uint32_t hops, uint64_t rate_bps, uint64_t delay_ps, uint64_t latency_ps,
                  uint32_t cut_bytes = 0) {
  LinkConfig link;
  link.rate_bps = rate_bps;
  link.delay_ps = delay_ps;
  SwitchConfig config;
  config.latency_ps = latency_ps;
  config.cut_through_bytes = cut_bytes;
  if (hops == 1) return BuildPair(link);
  if (hops == 2) return BuildStar(2, config, link);
  FatTreeSpec spec;
  spec.radix = 4;
  return BuildFatTree(ResolveFatTree(spec), config, link);  // 6 hops from host 0 to host 15
}

TEST(Exactness, OneMessageOnAnIdlePath) {
  for (uint32_t hops : {1u, 2u, 6u}) {
    for (uint64_t rate_bps : kRates) {
      for (uint64_t latency_ps : {0ull, 300000ull}) {
        for (uint64_t size = 64; size <= 16u << 20; size *= 4) {
          for (uint32_t payload : {1000u, 4096u}) {
            if (payload == 1000 && size > 1u << 20) continue;  // the same arithmetic, more packets
            const NetworkGraph graph = Line(hops, rate_bps, 1000000, latency_ps);
            NicConfig nic;
            nic.payload_bytes = payload;
            TestNetwork network(graph, {}, nic);
            const uint32_t dst = network.fabric.HostCount() - 1;
            network.nic.SendMessage(0, dst, 0, size, 7);
            network.Run();
            const uint64_t expected_ps = RecurrencePs(
                size, payload, std::vector<uint64_t>(hops, rate_bps), 1000000, latency_ps);
            ASSERT_EQ(network.received_ps[7], expected_ps)
                << hops << " hops " << rate_bps << " b/s " << size << " B payload " << payload;
            ASSERT_EQ(network.flows.at(0).ideal_ps, expected_ps);
            ASSERT_TRUE(network.IsConserved());
          }
        }
      }
    }
  }
}

// Cut-through, and ports with real queues, are as exact.
TEST(Exactness, CutThroughAndQueues) {
  for (uint32_t hops : {1u, 2u, 6u}) {
    for (uint32_t cut_bytes : {0u, 64u, 200u}) {
      for (uint64_t latency_ps : {0ull, 300000ull}) {
        for (uint64_t size = 1; size <= 1u << 20; size *= 8) {
          for (bool has_classes : {false, true}) {
            const uint64_t rate_bps = 400000000000;
            FabricConfig fabric;
            fabric.qos.has_classes = has_classes;
            TestNetwork network(Line(hops, rate_bps, 1000000, latency_ps, cut_bytes), fabric, {});
            network.nic.SendMessage(0, network.fabric.HostCount() - 1, 0, size, 7);
            network.Run();
            const uint64_t expected_ps = RecurrencePs(
                size, 4096, std::vector<uint64_t>(hops, rate_bps), 1000000, latency_ps, cut_bytes);
            ASSERT_EQ(network.received_ps[7], expected_ps)
                << hops << " hops, " << size << " B, " << cut_bytes << " B " << has_classes;
            ASSERT_EQ(network.flows.at(0).ideal_ps, expected_ps);
          }
        }
      }
    }
  }
}

// Equal packets in closed form: the first pays every hop, the others the one at the bottleneck.
TEST(Exactness, ClosedForm) {
  const uint64_t rate_bps = 400000000000;
  TestNetwork network(Line(6, rate_bps, 500000, 0), {}, {});
  network.nic.SendMessage(0, 15, 0, 16 * 4096, 1);
  network.Run();
  const uint64_t full_ps = WirePs(4096 + 62, rate_bps);
  const uint64_t first_ps = WirePs(4096 + 62 + 16, rate_bps);
  // The larger first packet delays its followers at the first hop only once.
  EXPECT_EQ(network.received_ps[1], 6 * 500000 + 6 * first_ps + 15 * full_ps);
}

TEST(Exactness, ZeroBytesAndOneByte) {
  for (uint64_t size : {0ull, 1ull}) {
    TestNetwork network(Line(2, 100000000000, 500000, 0), {}, {});
    network.nic.SendMessage(0, 1, 0, size, 1);
    network.Run();
    EXPECT_EQ(network.received_ps[1], 2 * (WirePs(size + 78, 100000000000) + 500000));
    EXPECT_EQ(network.bytes_received, size);
  }
}

// A rate that divides nothing: every frame is rounded up by itself.
TEST(Exactness, UnevenRate) {
  const uint64_t rate_bps = 333333333333;
  TestNetwork network(Line(2, rate_bps, 500000, 0), {}, {});
  network.nic.SendMessage(0, 1, 0, 100000, 1);
  network.Run();
  EXPECT_EQ(network.received_ps[1], RecurrencePs(100000, 4096, {rate_bps, rate_bps}, 500000, 0));
  EXPECT_EQ(network.flows.at(0).ideal_ps, network.received_ps[1]);
}

// Links of different rates on one path, both ways.
void CheckUnequalLinks(uint32_t cut_bytes) {
  for (uint64_t size : {100ull, 5000ull, 9000ull, 1000000ull}) {
    NetworkGraph graph;
    graph.AddHost("host-0");
    graph.AddHost("host-1");
    SwitchConfig config;
    config.cut_through_bytes = cut_bytes;
    graph.AddSwitch("a", config);
    graph.AddSwitch("b", config);
    graph.AddLink("host-0", "a", {400000000000, 700000, 0});
    graph.AddLink("a", "b", {40000000000, 700000, 0});
    graph.AddLink("b", "host-1", {100000000000, 700000, 0});
    graph.Canonicalize();
    for (uint32_t src : {0u, 1u}) {
      TestNetwork network(graph, {}, {});
      network.nic.SendMessage(src, 1 - src, 0, size, 1);
      network.Run();
      std::vector<uint64_t> rates{400000000000, 40000000000, 100000000000};
      if (src == 1) std::reverse(rates.begin(), rates.end());
      const uint64_t expected_ps = RecurrencePs(size, 4096, rates, 700000, 0, cut_bytes);
      EXPECT_EQ(network.received_ps[1], expected_ps) << size;
      EXPECT_EQ(network.flows.at(0).ideal_ps, expected_ps) << size;
    }
  }
}

TEST(Exactness, IdealOnUnequalLinks) {
  CheckUnequalLinks(0);
  CheckUnequalLinks(64);
}

// A receive completes when the data has arrived; the sender learns of it one acknowledgement later.
TEST(Exactness, CompletionOrder) {
  const uint64_t rate_bps = 100000000000;
  TestNetwork network(Line(2, rate_bps, 500000, 0), {}, {});
  network.nic.SendMessage(0, 1, 0, 4096, 1);
  network.Run();
  EXPECT_EQ(network.transmitted_ps[1], WirePs(4096 + 78, rate_bps));
  EXPECT_EQ(network.acknowledged_ps[1],
            network.received_ps[1] + 2 * (WirePs(66, rate_bps) + 500000));
}

// The window never makes a lone flow wait: the last byte leaves as if there were no window.
TEST(Exactness, LoneFlowNeverStalls) {
  for (uint32_t ack_every : {1u, 4u, 64u}) {
    NicConfig nic;
    nic.ack_every = ack_every;
    TestNetwork network(Line(6, 400000000000, 5000000, 0), {}, nic);
    network.nic.SendMessage(0, 15, 0, 64u << 20, 1);
    network.Run();
    const uint64_t packets = (64u << 20) / 4096;
    EXPECT_EQ(network.transmitted_ps[1], packets * WirePs(4096 + 62, 400000000000) + 16 * 20);
  }
}

}  // namespace
}  // namespace ddlsim
