// SPDX-License-Identifier: MIT
//
// HPCC: the algorithm step by step, and what it is known for: queues near zero at high utilisation.
#include "congestion/hpcc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "congestion/test-congestion.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

CongestionControlContext Context() {
  CongestionControlContext context;
  context.line_rate_bps = 100000000000;
  context.base_rtt_ps = 10000000;  // 125,000 bytes of window
  context.window_bytes = 200000;
  context.payload_bytes = 1000;
  context.frame_bytes = 1104;
  context.hops = 2;
  return context;
}

AckEvent Ack(const Telemetry& telemetry, uint32_t una_psn, uint32_t next_psn) {
  AckEvent ack;
  ack.una_psn = una_psn;
  ack.next_psn = next_psn;
  ack.telemetry = &telemetry;
  return ack;
}

Telemetry OneHop(uint64_t time_ps, uint64_t tx_bytes, uint64_t queued_bytes) {
  Telemetry telemetry;
  telemetry.hops = 1;
  telemetry.hop[0] = {time_ps, tx_bytes, queued_bytes, 100000000000, 3};
  return telemetry;
}

// By hand: algorithm 1 of the paper on one link.
TEST(Hpcc, FollowsTheAlgorithm) {
  const ParameterValues values(Hpcc::Describe().parameters);
  Hpcc hpcc(values, Context());
  EXPECT_EQ(hpcc.WindowBytes(0), 125000u);  // W_init = B T
  const double ai_bytes = 125000 * 0.05 / 100;
  hpcc.OnAck(Ack(OneHop(0, 0, 50000), 1, 100));
  EXPECT_EQ(hpcc.WindowBytes(0), 125000u);  // one record says nothing yet
  // A base RTT later at line rate, 50,000 bytes queued both times: U = 0.4 + 1.
  hpcc.OnAck(Ack(OneHop(10000000, 125000, 60000), 50, 200));
  EXPECT_NEAR(hpcc.Utilisation(), 1.4, 1e-9);
  const double first_bytes = 125000 / (1.4 / 0.95) + ai_bytes;
  EXPECT_NEAR(static_cast<double>(hpcc.WindowBytes(0)), first_bytes, 1);
  // Within the same round the reference stays: half an RTT later, no queue, 80 % of the line.
  hpcc.OnAck(Ack(OneHop(15000000, 175000, 0), 100, 220));
  const double second = 0.5 * 1.4 + 0.5 * 0.8;
  EXPECT_NEAR(hpcc.Utilisation(), second, 1e-9);
  EXPECT_NEAR(static_cast<double>(hpcc.WindowBytes(0)), first_bytes / (second / 0.95) + ai_bytes,
              1);
  // A new round below eta: additive, from the reference of the last one.
  hpcc.OnAck(Ack(OneHop(30000000, 200000, 0), 201, 300));
  EXPECT_LT(hpcc.Utilisation(), 0.95);
  EXPECT_NEAR(static_cast<double>(hpcc.WindowBytes(0)), first_bytes + ai_bytes, 1);
}

TEST(Hpcc, ANewPathIsMeasuredAfresh) {
  const ParameterValues values(Hpcc::Describe().parameters);
  Hpcc hpcc(values, Context());
  hpcc.OnAck(Ack(OneHop(0, 0, 100000), 1, 10));
  Telemetry other = OneHop(1000000, 900000, 100000);
  other.hop[0].port = 4;
  hpcc.OnAck(Ack(other, 2, 11));
  EXPECT_EQ(hpcc.WindowBytes(0), 125000u);
}

struct QueueFigures {
  uint64_t p95_bytes;
  double utilisation;  // of the port's line, frames with their overhead
};

QueueFigures MeasureIncast(uint32_t senders) {
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 1000000;
  FabricConfig fabric;
  fabric.has_telemetry = true;
  fabric.qos.has_classes = true;
  NicConfig nic;
  nic.payload_bytes = 1000;
  nic.ack_every = 1;
  Use<Hpcc>(nic);
  TestNetwork network(BuildStar(senders + 1, {}, link), fabric, nic);
  for (uint32_t src = 1; src <= senders; ++src) {
    network.nic.SendMessage(src, 0, 0, 64u << 20, src);
  }
  const uint32_t port = senders + 1;  // hosts' own ports come first, then the switch's
  const uint64_t converged_ps = 2000000000, end_ps = 6000000000;
  network.fabric.RunUntil(converged_ps);
  const uint64_t before_bytes = network.fabric.Ports()[port].tx_bytes;
  const uint64_t before_frames = network.fabric.Ports()[port].Frames();
  std::vector<uint64_t> queued;
  for (uint64_t now_ps = converged_ps; now_ps < end_ps; now_ps += 500000) {
    network.fabric.RunUntil(now_ps);
    network.fabric.AdvanceTo(now_ps);
    queued.push_back(network.fabric.QueuedBytes(port));
  }
  std::sort(queued.begin(), queued.end());
  const uint64_t frames = network.fabric.Ports()[port].Frames() - before_frames;
  const uint64_t bytes =
      network.fabric.Ports()[port].tx_bytes - before_bytes + frames * kWireOverheadBytes;
  const double seconds = static_cast<double>(end_ps - converged_ps) * 1e-12;
  return {queued[queued.size() * 95 / 100], static_cast<double>(bytes) * 8 / seconds / 100e9};
}

TEST(Hpcc, QueueStaysNearZeroUnderIncast) {
  for (uint32_t senders : {2u, 4u, 8u}) {
    const QueueFigures figures = MeasureIncast(senders);
    EXPECT_LT(figures.p95_bytes, 10000u) << senders;
    EXPECT_GT(figures.utilisation, 0.92) << senders;
    EXPECT_LT(figures.utilisation, 0.99) << senders;
    std::printf("%u:1 incast, 95th percentile of the queue %llu bytes at %.3f utilisation\n",
                senders, static_cast<unsigned long long>(figures.p95_bytes), figures.utilisation);
  }
}

}  // namespace
}  // namespace ddlsim
