// SPDX-License-Identifier: MIT
//
// NSCC at one port: shares, utilisation, queue, incast with trimming, loss.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "congestion/nscc.h"
#include "congestion/test-congestion.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

constexpr uint64_t kUs = 1000000;

struct PortFigures {
  double jain;
  double utilisation;       // of the port's line, frames with their overhead
  double mean_queue_bytes;  // of the second half
  double target_bytes;
};

// `flows` senders of one star that always have something to send, to one receiver.
PortFigures MeasurePort(uint32_t flows, uint32_t ack_every, uint64_t link_delay_ps) {
  constexpr uint64_t kMessage = 65536;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = link_delay_ps;
  const double bdp_bytes = 12.5e9 * (4e-12 * static_cast<double>(link_delay_ps) + 0.4e-6);
  FabricConfig fabric;
  fabric.ecn.kmin_bytes_per_100g = static_cast<uint64_t>(0.2 * bdp_bytes);
  fabric.ecn.kmax_bytes_per_100g = static_cast<uint64_t>(0.8 * bdp_bytes);
  fabric.ecn.pmax = 1;
  fabric.ecn.at_dequeue = true;
  fabric.qos.has_classes = true;
  NicConfig nic;
  nic.payload_bytes = 1000;
  nic.ack_every = ack_every;
  Use<Nscc>(nic);
  TestNetwork network(BuildStar(flows + 1, {}, link), fabric, nic);
  const uint64_t begin_ps = 10000 * kUs, end_ps = 30000 * kUs;
  std::vector<uint64_t> bytes(flows + 1, 0);
  network.on_received = [&](uint32_t, uint64_t src) {
    if (network.fabric.NowPs() > begin_ps) bytes[src] += kMessage;
    network.nic.SendMessage(static_cast<uint32_t>(src), 0, 0, kMessage, src);
  };
  for (uint32_t src = 1; src <= flows; ++src) {
    for (int i = 0; i < 2; ++i) network.nic.SendMessage(src, 0, 0, kMessage, src);
  }
  network.fabric.RunUntil(begin_ps);
  const uint32_t port = flows + 1;  // hosts' own ports come first, then the switch's
  const auto wire_bytes = [&] {
    const Port& stats = network.fabric.Ports()[port];
    return static_cast<double>(stats.tx_bytes + stats.Frames() * kWireOverheadBytes);
  };
  const double before_bytes = wire_bytes();
  double queued_bytes = 0, looks = 0;
  for (uint64_t now_ps = begin_ps; now_ps < end_ps; now_ps += 500000, ++looks) {
    network.fabric.RunUntil(now_ps);
    network.fabric.AdvanceTo(now_ps);
    queued_bytes += static_cast<double>(network.fabric.QueuedBytes(port));
  }
  double sum = 0, squares = 0;
  for (uint32_t src = 1; src <= flows; ++src) {
    const double share = static_cast<double>(bytes[src]);
    sum += share;
    squares += share * share;
  }
  const double line_bytes = 12.5e9 * static_cast<double>(end_ps - begin_ps) * 1e-12;
  return {sum * sum / (flows * squares), (wire_bytes() - before_bytes) / line_bytes,
          queued_bytes / looks, bdp_bytes};
}

TEST(NsccPort, SharesEvenlyFillsThePortAndKeepsTheQueue) {
  struct Case {
    uint64_t link_delay_ps;
    uint32_t ack_every;
  };
  // The reference network's 12 us, and a third of it. There one acknowledgement for 8 packets is no
  // longer few of a window, and shares are uneven (docs/congestion-control.md).
  for (const Case& each : {Case{3 * kUs, 1}, Case{3 * kUs, 8}, Case{kUs, 1}}) {
    for (const uint32_t flows : {2u, 8u, 32u}) {
      const PortFigures figures = MeasurePort(flows, each.ack_every, each.link_delay_ps);
      const double queue = figures.mean_queue_bytes / figures.target_bytes;
      std::printf("%2u flows, 4 x %u us, ack every %u: Jain %.4f, utilisation %.4f, queue %.2f\n",
                  flows, static_cast<unsigned>(each.link_delay_ps / kUs), each.ack_every,
                  figures.jain, figures.utilisation, queue);
      EXPECT_GE(figures.jain, 0.95) << flows;
      EXPECT_GE(figures.utilisation, 0.99) << flows;
      EXPECT_GT(queue, 0.8) << flows;
      EXPECT_LT(queue, 1.1) << flows;
    }
  }
}

struct IncastFigures {
  double slowdown;  // time over what the port needs
  uint64_t trimmed;
  uint64_t timeouts;
};

// One message each from `senders` hosts to one.
IncastFigures MeasureIncast(uint32_t senders, double loss, bool trims, bool has_control = true) {
  constexpr uint64_t kMessage = 1u << 20;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 1000000;
  link.loss = loss;
  SwitchConfig switches;
  switches.buffer_bytes = 500000;
  FabricConfig fabric;
  fabric.trims = trims;
  fabric.qos.has_classes = true;
  fabric.ecn.kmin_bytes_per_100g = 11000;
  fabric.ecn.kmax_bytes_per_100g = 44000;
  fabric.ecn.pmax = 1;
  fabric.ecn.at_dequeue = true;
  NicConfig nic;
  nic.payload_bytes = 1000;
  nic.is_selective_repeat = true;
  if (has_control) Use<Nscc>(nic);
  TestNetwork network(BuildStar(senders + 1, switches, link), fabric, nic);
  for (uint32_t src = 1; src <= senders; ++src) network.nic.SendMessage(src, 0, 0, kMessage, src);
  network.Run();
  EXPECT_EQ(network.received_ps.size(), senders);
  EXPECT_TRUE(network.IsConserved());
  uint64_t end_ps = 0;
  for (const auto& [message, time_ps] : network.received_ps) end_ps = std::max(end_ps, time_ps);
  const double least_ps = senders * (kMessage / 1000.0) * (1000 + 62 + 20) * 80;
  return {static_cast<double>(end_ps) / least_ps, network.fabric.Counters().trimmed_frames,
          network.nic.Counters().timeouts};
}

TEST(NsccPort, IncastWithTrimmingEndsSoon) {
  for (const uint32_t senders : {16u, 64u}) {
    const IncastFigures figures = MeasureIncast(senders, 0, true);
    const IncastFigures without = MeasureIncast(senders, 0, true, false);
    std::printf("%u:1 incast with trimming: %.3f of the least time, %llu trimmed, %llu without\n",
                senders, figures.slowdown, static_cast<unsigned long long>(figures.trimmed),
                static_cast<unsigned long long>(without.trimmed));
    EXPECT_LT(figures.slowdown, 1.05) << senders;
    EXPECT_GT(figures.trimmed, 0u) << senders;
    EXPECT_LT(figures.trimmed, without.trimmed / 2) << senders;
    // Of more senders, what they all sent at first lasts longer than the transport waits.
    if (senders == 16) {
      EXPECT_EQ(figures.timeouts, 0u);
    }
  }
}

TEST(NsccPort, RunsWithLossEnd) {
  for (const double loss : {1e-4, 1e-3, 1e-2, 0.1}) {
    EXPECT_GT(MeasureIncast(8, loss, false).slowdown, 1) << loss;
  }
}

}  // namespace
}  // namespace ddlsim
