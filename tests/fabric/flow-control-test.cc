// SPDX-License-Identifier: MIT
//
// Priority-based flow control: no drops under incast, whatever the links; pauses that end; storms
// and deadlocks that are found.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/input-error.h"
#include "fabric/test-network.h"
#include "nic/wire-format.h"

namespace ddlsim {
namespace {

FabricConfig Lossless(bool has_classes) {
  FabricConfig fabric;
  fabric.pfc.enabled = true;
  fabric.qos.has_classes = has_classes;
  fabric.ecn.enabled = false;
  fabric.frame_bytes_max = 4096 + 78;
  return fabric;
}

struct Incast {
  uint32_t senders;
  uint64_t rate_bps;
  uint64_t delay_ps;
  uint64_t latency_ps;
  uint32_t cut_through_bytes;
};

// Senders that know no window but their own, into one port of a buffer that holds little more than
// the headroom.
void RunIncast(const Incast& incast, bool has_classes, uint64_t message_bytes) {
  SCOPED_TRACE(std::to_string(incast.senders) + " senders, " + std::to_string(incast.rate_bps) +
               " bit/s, " + std::to_string(incast.delay_ps) + " ps");
  LinkConfig link;
  link.rate_bps = incast.rate_bps;
  link.delay_ps = incast.delay_ps;
  SwitchConfig config;
  config.latency_ps = incast.latency_ps;
  config.cut_through_bytes = incast.cut_through_bytes;
  FabricConfig fabric = Lossless(has_classes);
  config.buffer_bytes =
      (incast.senders + 1) *
          HeadroomBytes(link.rate_bps, link.delay_ps, incast.latency_ps, fabric.frame_bytes_max) +
      100000;
  NicConfig nic;
  nic.window_bytes = 1 << 30;
  nic.retransmit_timeout_ps = 100000000000;  // the last sender waits long
  TestNetwork network(BuildStar(incast.senders + 1, config, link), fabric, nic);
  for (uint32_t src = 1; src <= incast.senders; ++src) {
    network.nic.SendMessage(src, 0, 0, message_bytes, src);
  }
  network.Run();
  const FabricCounters counters = network.fabric.Counters();
  EXPECT_EQ(counters.dropped_frames, 0u);
  EXPECT_EQ(network.nic.Counters().retransmitted_packets, 0u);
  EXPECT_EQ(network.received_ps.size(), incast.senders);
  EXPECT_GT(counters.pause_frames, incast.senders);
  EXPECT_TRUE(network.IsConserved());
  EXPECT_TRUE(network.fabric.Pfc()->Deadlock().empty());
  // The port to host 0 has not been idle for long: all bytes at line rate, a few loops on top.
  uint64_t end_ps = 0;
  for (const auto& [cookie, received_ps] : network.received_ps) {
    end_ps = std::max(end_ps, received_ps);
  }
  const uint64_t frames = incast.senders * ((message_bytes + 4095) / 4096);
  const uint64_t ideal_ps = SerializationPs(
      incast.senders * message_bytes + frames * (kRoceHeaderBytes + kWireOverheadBytes),
      incast.rate_bps);
  // Two ingress ports alone hold less than a pause takes to be lifted: the port runs dry at times.
  EXPECT_LT(end_ps, ideal_ps * (incast.senders == 2 ? 1.2 : 1.02) + 20 * incast.delay_ps);
}

TEST(FlowControl, IncastDropsNothing) {
  for (const bool has_classes : {true, false}) {
    RunIncast({2, 100000000000, 1000000, 0, 0}, has_classes, 4 << 20);
    RunIncast({8, 400000000000, 500000, 0, 0}, has_classes, 1 << 20);
    RunIncast({8, 25000000000, 100000000, 0, 0}, has_classes, 4 << 20);  // 20 km of fibre
    RunIncast({16, 400000000000, 1000000, 600000, 0}, has_classes, 1 << 20);
    RunIncast({16, 100000000000, 1000000, 300000, 64}, has_classes, 1 << 20);
    RunIncast({64, 1600000000000, 300000, 0, 0}, has_classes, 1 << 18);
  }
}

TEST(FlowControl, IncastOf255DropsNothing) {
  RunIncast({255, 100000000000, 1000000, 0, 0}, true, 1 << 18);
  RunIncast({255, 400000000000, 500000, 500000, 64}, true, 1 << 18);
}

// Pauses travel through a fat-tree back to the senders, and links of different rates.
TEST(FlowControl, TreesAreLosslessToo) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    FatTreeSpec spec;
    spec.radix = 4;
    spec.oversubscription = 1;
    SwitchConfig switches;
    switches.buffer_bytes = 400000;
    LinkConfig links;
    links.rate_bps = 100000000000;
    links.delay_ps = 500000;
    FabricConfig fabric = Lossless(seed % 2 == 0);
    fabric.routing = static_cast<Routing>(seed % 4);
    NicConfig nic;
    nic.window_bytes = 1 << 20;
    nic.is_selective_repeat = true;
    nic.reorder_packets = kReorderPacketsMax;
    nic.retransmit_timeout_ps = 100000000000;
    TestNetwork network(BuildFatTree(ResolveFatTree(spec), switches, links), fabric, nic);
    for (uint64_t i = 0; i < 300; ++i) {
      const uint32_t src = random() % 16;
      uint32_t dst = random() % 2 == 0 ? 5 : random() % 16;
      if (dst == src) dst = (src + 1) % 16;
      network.nic.SendMessage(src, dst, 0, random() % 300000, i);
    }
    network.Run();
    EXPECT_EQ(network.fabric.Counters().dropped_frames, 0u);
    EXPECT_GT(network.fabric.Counters().pause_frames, 100u);
    EXPECT_EQ(network.received_ps.size(), 300u);
    EXPECT_TRUE(network.IsConserved());
    EXPECT_EQ(network.fabric.Frames().InUse(), 0u);
  }
}

// A lost pause frame is made good by the refresh, a lost resume by the end of the pause's time: the
// run is slower, may drop, and ends.
TEST(FlowControl, LostPauseFramesStopNothing) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    LinkConfig link;
    link.rate_bps = 100000000000;
    link.delay_ps = 1000000;
    link.loss = 0.05;
    SwitchConfig config;
    config.buffer_bytes = 600000;
    FabricConfig fabric = Lossless(true);
    fabric.seed = seed;
    NicConfig nic;
    nic.is_selective_repeat = true;
    TestNetwork network(BuildStar(9, config, link), fabric, nic);
    for (uint32_t src = 1; src <= 8; ++src) network.nic.SendMessage(src, 0, 0, 2 << 20, src);
    network.Run();
    EXPECT_EQ(network.received_ps.size(), 8u) << seed;
    EXPECT_TRUE(network.IsConserved());
    const FabricCounters counters = network.fabric.Counters();
    EXPECT_LT(counters.pause_frames_received, counters.pause_frames);
  }
}

TEST(FlowControl, HeadroomThatExceedsTheBufferIsRefused) {
  LinkConfig link;
  SwitchConfig config;
  config.buffer_bytes = 100000;
  try {
    Fabric fabric(BuildStar(32, config, link), Lossless(true));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(error.Problem().find("headroom"), std::string::npos);
  }
}

// A ring of switches, all hosts sending half way round in one direction: the textbook cycle of
// buffer dependencies.
TEST(FlowControl, DeadlockIsFoundAndNamed) {
  constexpr uint32_t kHosts = 6;
  SwitchConfig config;
  config.buffer_bytes = 300000;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 500000;
  NicConfig nic;
  nic.window_bytes = 4 << 20;
  TestNetwork network(BuildRing(kHosts, config, link), Lossless(true), nic);
  for (uint32_t src = 0; src < kHosts; ++src) {
    network.nic.SendMessage(src, (src + 2) % kHosts, 0, 64 << 20, src);
  }
  while (network.fabric.Pfc()->Deadlock().empty() && network.fabric.NowPs() < 100000000000) {
    network.fabric.RunUntil(network.fabric.NowPs() + 10000000);
    network.fabric.AdvanceTo(network.fabric.NowPs() + 10000000);
  }
  const std::vector<PausedQueue>& cycle = network.fabric.Pfc()->Deadlock();
  ASSERT_EQ(cycle.size(), kHosts);
  // Each waits for the next: the switch at its far end owns the next.
  for (size_t i = 0; i < cycle.size(); ++i) {
    const PortDetail& waits = network.fabric.PortDetails()[cycle[i].port];
    const PortDetail& next = network.fabric.PortDetails()[cycle[(i + 1) % cycle.size()].port];
    EXPECT_EQ(waits.to, next.from);
  }
}

// The same ring without a cycle of dependencies: neighbours only.
TEST(FlowControl, NoDeadlockIsSeenWhereThereIsNone) {
  SwitchConfig config;
  config.buffer_bytes = 300000;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 500000;
  NicConfig nic;
  nic.window_bytes = 4 << 20;
  FabricConfig fabric = Lossless(true);
  fabric.pfc.storm_ps = 200000000;
  TestNetwork network(BuildRing(6, config, link), fabric, nic);
  for (uint32_t src = 1; src < 6; ++src) network.nic.SendMessage(src, 0, 0, 8 << 20, src);
  network.Run();
  EXPECT_TRUE(network.fabric.Pfc()->Deadlock().empty());
  EXPECT_EQ(network.received_ps.size(), 5u);
  EXPECT_EQ(network.fabric.Counters().dropped_frames, 0u);
}

// A NIC that pauses its switch for ever: a storm, which spreads to all that send to it.
TEST(FlowControl, StormIsReported) {
  SwitchConfig config;
  config.buffer_bytes = 600000;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 1000000;
  FabricConfig fabric = Lossless(true);
  fabric.pfc.storm_ps = 2000000000;
  NicConfig nic;
  nic.retry_limit = 3;
  TestNetwork network(BuildStar(4, config, link), fabric, nic);
  network.nic.SetListener(nullptr);
  for (uint32_t src = 1; src < 4; ++src) network.nic.SendMessage(src, 0, 0, 8 << 20, src);
  for (uint64_t until_ps = 100000000; until_ps <= 10000000000; until_ps += 100000000) {
    network.fabric.InjectPause(0, 3, 65535);
    network.fabric.RunUntil(until_ps);
    network.fabric.AdvanceTo(until_ps);
  }
  EXPECT_EQ(network.fabric.Pfc()->Storms().size(), 3u);
  EXPECT_TRUE(network.fabric.Pfc()->Deadlock().empty());
}

}  // namespace
}  // namespace ddlsim
