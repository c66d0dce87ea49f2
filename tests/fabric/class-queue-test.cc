// SPDX-License-Identifier: MIT
//
// Ports with real queues: the same as the shortcut where that is exact; order, weights and shares
// of classes; trimming; dynamic thresholds.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "fabric/test-network.h"

namespace ddlsim {
namespace {

NetworkGraph SmallFatTree(uint64_t buffer_bytes, uint64_t latency_ps, uint32_t cut_through_bytes) {
  FatTreeSpec spec;
  spec.radix = 4;
  SwitchConfig switches;
  switches.buffer_bytes = buffer_bytes;
  switches.latency_ps = latency_ps;
  switches.cut_through_bytes = cut_through_bytes;
  LinkConfig links;
  links.rate_bps = 100000000000;
  links.delay_ps = 500000;
  links.loss = 1e-4;
  return BuildFatTree(ResolveFatTree(spec), switches, links);
}

// All arrivals of a random load.
std::vector<std::pair<uint64_t, uint64_t>> Arrivals(const NetworkGraph& graph,
                                                    const FabricConfig& fabric, uint64_t seed,
                                                    FabricCounters& counters) {
  NicConfig nic;
  nic.payload_bytes = 1000;
  nic.data_class = nic.control_class = 3;
  TestNetwork network(graph, fabric, nic);
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < 200; ++i) {
    const uint32_t src = random() % 16;
    uint32_t dst = random() % 3 == 0 ? 0 : random() % 16;
    if (dst == src) dst = (src + 1) % 16;
    network.nic.SendMessage(src, dst, 0, random() % 200000, i);
  }
  network.Run();
  EXPECT_TRUE(network.IsConserved());
  counters = network.fabric.Counters();
  return {network.received_ps.begin(), network.received_ps.end()};
}

TEST(ClassQueues, OneClassIsTheShortcut) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    // Without a switch latency: it would begin to count before the buffer, not in it.
    const NetworkGraph graph =
        SmallFatTree(seed % 3 == 0 ? 60000 : 4000000, 0, seed % 2 == 0 ? 64 : 0);
    FabricConfig fabric;
    fabric.seed = seed;
    fabric.buffer_alpha = seed % 4 == 0 ? 1 : 0;
    fabric.routing = static_cast<Routing>(seed % 4);
    FabricCounters shortcut, queues;
    const auto expected = Arrivals(graph, fabric, seed, shortcut);
    fabric.qos.has_classes = true;
    EXPECT_EQ(Arrivals(graph, fabric, seed, queues), expected);
    EXPECT_EQ(expected.size(), 200u);
    EXPECT_EQ(queues.dropped_frames, shortcut.dropped_frames);
    EXPECT_EQ(queues.ecn_marked_frames, shortcut.ecn_marked_frames);
    EXPECT_EQ(queues.lost_frames, shortcut.lost_frames);
    EXPECT_GT(shortcut.lost_frames, 0u);
  }
}

// Hosts that send frames back to back, each of one class, all to host 0.
class Flood : public HostLogic {
 public:
  Flood(Fabric& fabric, std::vector<uint8_t> classes, uint64_t until_ps)
      : m_fabric(fabric), m_classes(std::move(classes)), m_until_ps(until_ps) {
    fabric.SetHostLogic(this);
    for (uint32_t host = 1; host <= m_classes.size(); ++host) {
      fabric.Schedule(host, EventClass::kPortFree, host, 0);
    }
  }
  void OnFrame(uint32_t, uint32_t index) override {
    const Frame& frame = m_fabric.Frames()[index];
    if (m_fabric.NowPs() < m_until_ps) bytes[frame.src_host] += frame.size_bytes;
    if ((frame.flags & kTrimmed) != 0) ++trimmed;
    marked.push_back((frame.flags & kEcnMarked) != 0);
    m_fabric.Frames().Free(index);
  }
  void OnPortFree(uint32_t host) override {
    if (m_fabric.NowPs() >= m_until_ps) return;
    if (m_fabric.IsHostPaused(host, m_classes[host - 1])) return;
    const uint32_t index = m_fabric.Frames().Allocate();
    Frame& frame = m_fabric.Frames()[index];
    frame = Frame();
    frame.src_host = host;
    frame.size_bytes = 1000;
    frame.flags = static_cast<uint8_t>(m_classes[host - 1] << kTrafficClassShift);
    m_fabric.TransmitFromHost(host, index);
    ++sent;
    m_fabric.Schedule(m_fabric.PortBusyUntilPs(host), EventClass::kPortFree, host, 0);
  }
  void OnResume(uint32_t host) override { OnPortFree(host); }
  void OnTransmitted(uint32_t, uint32_t) override {}
  void OnQueuePairTimer(uint32_t) override {}
  void OnHostTimer(uint32_t) override {}

  std::array<uint64_t, 8> bytes{};
  uint64_t sent = 0;
  uint64_t trimmed = 0;
  std::vector<bool> marked;

 private:
  Fabric& m_fabric;
  std::vector<uint8_t> m_classes;
  uint64_t m_until_ps;
};

NetworkGraph Star(uint32_t hosts, uint64_t buffer_bytes) {
  SwitchConfig config;
  config.buffer_bytes = buffer_bytes;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 1000000;
  return BuildStar(hosts, config, link);
}

TEST(ClassQueues, WeightsAreShares) {
  FabricConfig config;
  config.qos.has_classes = true;
  config.qos.weights = {1, 2, 5, 1, 1, 1, 1, 1};
  config.buffer_alpha = 1;  // no class may fill the buffer
  Fabric fabric(Star(4, 1 << 20), config);
  Flood flood(fabric, {0, 1, 2}, 2000000000);
  fabric.RunUntil(kNeverPs);
  const double all = static_cast<double>(flood.bytes[1] + flood.bytes[2] + flood.bytes[3]);
  EXPECT_NEAR(static_cast<double>(flood.bytes[1]) / all, 1.0 / 8, 0.01);
  EXPECT_NEAR(static_cast<double>(flood.bytes[2]) / all, 2.0 / 8, 0.01);
  EXPECT_NEAR(static_cast<double>(flood.bytes[3]) / all, 5.0 / 8, 0.01);
}

TEST(ClassQueues, StrictGoesFirst) {
  FabricConfig config;
  config.qos.has_classes = true;
  config.qos.weights = {1, 1, 1, 1, 1, 1, 0, 0};
  config.buffer_alpha = 1;
  Fabric fabric(Star(4, 1 << 20), config);
  Flood flood(fabric, {6, 3, 3}, 2000000000);
  fabric.RunUntil(kNeverPs);
  // The strict class has the line to itself but for the frame in service when its first comes.
  EXPECT_GT(flood.bytes[1], 100 * (flood.bytes[2] + flood.bytes[3]));
}

// Eight frames come at once and the first leaves at once: those that come to a long queue are
// marked, or those that leave one.
TEST(ClassQueues, MarksAtEnqueueOrAtDequeue) {
  for (const bool at_dequeue : {false, true}) {
    FabricConfig config;
    config.qos.has_classes = !at_dequeue;
    config.ecn.kmin_bytes_per_100g = 3500;
    config.ecn.kmax_bytes_per_100g = 3501;
    config.ecn.pmax = 1;
    config.ecn.at_dequeue = at_dequeue;
    Fabric fabric(Star(9, 1 << 20), config);
    Flood flood(fabric, std::vector<uint8_t>(8, 3), 9);
    fabric.RunUntil(kNeverPs);
    const std::vector<bool> at_tail{0, 0, 0, 0, 1, 1, 1, 1}, at_head{0, 1, 1, 1, 0, 0, 0, 0};
    EXPECT_EQ(flood.marked, at_dequeue ? at_head : at_tail);
  }
}

TEST(ClassQueues, TrimmedFramesArrive) {
  FabricConfig config;
  config.qos.has_classes = true;
  config.trims = true;
  config.buffer_alpha = 0.25;
  Fabric fabric(Star(8, 1 << 19), config);
  Flood flood(fabric, {3, 3, 3, 3, 3, 3, 3}, 1000000000);
  fabric.RunUntil(kNeverPs);
  const FabricCounters counters = fabric.Counters();
  EXPECT_GT(counters.trimmed_frames, 1000u);
  EXPECT_EQ(counters.trimmed_frames, flood.trimmed);
  EXPECT_EQ(counters.dropped_frames, 0u);
  EXPECT_EQ(counters.delivered_frames, flood.sent);
}

// One queue alone settles at alpha / (1 + alpha) of the buffer, n at alpha / (1 + n alpha) each:
// Choudhury and Hahne, section III.
TEST(ClassQueues, DynamicThresholdLeavesTheirShareOfTheBuffer) {
  for (const double alpha : {0.25, 1.0, 4.0}) {
    for (const bool has_classes : {false, true}) {
      FabricConfig config;
      config.ecn.enabled = false;
      config.qos.has_classes = has_classes;
      config.buffer_alpha = alpha;
      Fabric fabric(Star(5, 1 << 20), config);
      Flood flood(fabric, {3, 3, 3, 3}, 500000000);
      fabric.RunUntil(kNeverPs);
      const double expected = alpha / (1 + alpha) * (1 << 20);
      EXPECT_NEAR(fabric.Ports()[5].max_queued_bytes, expected, 2000) << alpha << has_classes;
    }
  }
}

}  // namespace
}  // namespace ddlsim
