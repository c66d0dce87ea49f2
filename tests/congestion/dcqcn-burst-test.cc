// SPDX-License-Identifier: MIT
//
// DCQCN under a burst that is not of its making, as in github.com/sc20anonymous/DCQCN-validation
// (the DCQCN authors' ns-3 code): long flows F1 and F2 share the link from switch S2 to S1; from 3
// to 4 ms fifteen hosts at S1 send messages of 4 KB to F2's receiver. Flow control pauses the
// shared link, so that F1 suffers too, and the recovery takes many milliseconds. The source gives
// neither delays nor buffer nor how fast the small messages follow one another: here 1 us, 1 MiB,
// and eight under way at a time, each on a queue pair of its own. How long the shared link lies
// idle comes out as published; how the two flows share it does not (there F1 is hit less than F2).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "congestion/dcqcn.h"
#include "congestion/test-congestion.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

constexpr uint64_t kMs = 1000000000;
constexpr uint32_t kBurstSenders = 15;
constexpr double kPlateauGbps = 32;  // what the published flows reach together

NetworkGraph TwoSwitches() {
  LinkConfig link;
  link.rate_bps = 40000000000;
  link.delay_ps = 1000000;
  SwitchConfig config;
  config.buffer_bytes = 1 << 20;
  NetworkGraph graph;
  graph.AddSwitch("s1", config);
  graph.AddSwitch("s2", config);
  graph.AddLink("s2", "s1", link);
  // Hosts 0 and 1 send F1 and F2 to hosts 2 and 3; the others send the burst.
  for (uint32_t host = 0; host < 4 + kBurstSenders; ++host) {
    const std::string name = "host-" + std::to_string(host);
    graph.AddHost(name);
    graph.AddLink(name, host < 2 ? "s2" : "s1", link);
  }
  graph.Canonicalize();
  return graph;
}

struct Recovery {
  double below_plateau_ms = 0;  // both flows together, after the burst
  double f1_least_gbps = 40;
  double f1_gbps = 0;  // at 20 ms
  double f2_gbps = 0;
};

Recovery Measure(TestNetwork& network) {
  Recovery recovery;
  const uint64_t step_ps = kMs / 2;
  uint64_t last[2] = {0, 0};
  for (uint64_t now_ps = step_ps; now_ps <= 30 * kMs; now_ps += step_ps) {
    network.fabric.RunUntil(now_ps);
    network.fabric.AdvanceTo(now_ps);
    double gbps[2];
    for (uint32_t host = 0; host < 2; ++host) {
      const uint64_t bytes = network.fabric.Ports()[host].tx_bytes;
      gbps[host] = static_cast<double>(bytes - last[host]) * 8e3 / static_cast<double>(step_ps);
      last[host] = bytes;
    }
    if (now_ps <= 4 * kMs) continue;
    if (gbps[0] + gbps[1] < kPlateauGbps) recovery.below_plateau_ms += 0.5;
    recovery.f1_least_gbps = std::min(recovery.f1_least_gbps, gbps[0]);
    if (now_ps != 20 * kMs) continue;
    recovery.f1_gbps = gbps[0];
    recovery.f2_gbps = gbps[1];
  }
  return recovery;
}

TEST(DcqcnBurst, VictimRecoversInTensOfMilliseconds) {
  FabricConfig fabric;
  fabric.pfc.enabled = true;
  fabric.qos.has_classes = true;
  // Per 100 Gb/s: 5 KB and 100 KB at 40 Gb/s.
  fabric.ecn.kmin_bytes_per_100g = 12500;
  fabric.ecn.kmax_bytes_per_100g = 250000;
  fabric.ecn.pmax = 0.01;
  fabric.frame_bytes_max = 1078;
  NicConfig nic;
  nic.payload_bytes = 1000;
  nic.ack_every = 1;
  nic.window_bytes = 1 << 30;
  ParameterValues values = DefaultsOf<Dcqcn>();
  values.Set(Dcqcn::kRateTimer, 50e6);
  Use<Dcqcn>(nic, values);
  TestNetwork network(TwoSwitches(), fabric, nic);
  uint64_t next_channel = 0;
  network.on_received = [&](uint32_t, uint64_t cookie) {
    const uint32_t host = static_cast<uint32_t>(cookie);
    if (host < 2) {
      network.nic.SendMessage(host, 2 + host, 0, 20000000, host);
    } else if (network.fabric.NowPs() < 4 * kMs) {
      network.nic.SendMessage(host, 3, 1 + next_channel++ % 500, 4096, host);
    }
  };
  for (uint32_t host = 0; host < 2; ++host) {
    network.nic.SendMessage(host, 2 + host, 0, 20000000, host);
    network.nic.SendMessage(host, 2 + host, 0, 20000000, host);
  }
  network.on_timer = [&](uint32_t host, uint64_t) {
    for (int i = 0; i < 8; ++i)
      network.nic.SendMessage(host, 3, 1 + next_channel++ % 500, 4096, host);
  };
  for (uint32_t i = 0; i < kBurstSenders; ++i) network.nic.SetTimer(4 + i, 3 * kMs, i, i);
  const Recovery here = Measure(network);
  std::printf("after the burst    published    here\n");
  std::printf("shared link below 32 Gb/s for   16 ms   %4.1f ms\n", here.below_plateau_ms);
  std::printf("F1 + F2 at 20 ms         31.7 Gb/s   %4.1f Gb/s\n", here.f1_gbps + here.f2_gbps);
  std::printf("F1, F2 at 20 ms    20.5, 11.2 Gb/s   %4.1f, %4.1f Gb/s\n", here.f1_gbps,
              here.f2_gbps);
  EXPECT_GT(network.fabric.Counters().pause_frames, 100u);
  EXPECT_EQ(network.fabric.Counters().dropped_frames, 0u);
  EXPECT_NEAR(here.below_plateau_ms, 16, 2.4);
  EXPECT_NEAR(here.f1_gbps + here.f2_gbps, 31.7, 31.7 * 0.15);
  EXPECT_LT(here.f1_least_gbps, 9);  // the victim, which the burst does not meet
}

}  // namespace
}  // namespace ddlsim
