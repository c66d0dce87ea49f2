// SPDX-License-Identifier: MIT
//
// Load balancing: where the packets of a flow go under each routing.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "fabric/test-network.h"

namespace ddlsim {
namespace {

// Two leaves, four spines: a flow from leaf to leaf has four paths. Host 0 sends to host 4.
NetworkGraph LeafSpine() {
  FatTreeSpec spec;
  spec.levels = 2;
  spec.hosts = 8;
  spec.hosts_per_edge = 4;
  LinkConfig links;
  links.rate_bps = 100000000000;
  return BuildFatTree(ResolveFatTree(spec), {}, links);
}

// Data frames from the first leaf to each spine.
std::vector<uint64_t> UplinkFrames(const Fabric& fabric) {
  std::vector<uint64_t> frames;
  const auto& nodes = fabric.Graph().Nodes();
  for (size_t i = 0; i < fabric.Ports().size(); ++i) {
    const PortDetail& detail = fabric.PortDetails()[i];
    if (nodes[detail.from].is_host || nodes[detail.to].is_host) continue;
    if (detail.from != fabric.HostCount()) continue;
    frames.push_back(fabric.Ports()[i].DataFrames());
  }
  return frames;
}

NicConfig Reordering() {
  NicConfig nic;
  nic.is_selective_repeat = true;
  nic.reorder_packets = 0;  // a window
  return nic;
}

TEST(PathChoice, EcmpKeepsAFlowOnOnePath) {
  TestNetwork network(LeafSpine(), {}, {});
  network.nic.SendMessage(0, 4, 0, 4 << 20, 1);
  network.Run();
  const std::vector<uint64_t> frames = UplinkFrames(network.fabric);
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(std::count(frames.begin(), frames.end(), 0u), 3);
}

TEST(PathChoice, SprayUsesAllPathsEvenly) {
  FabricConfig fabric;
  fabric.routing = Routing::kSpray;
  TestNetwork network(LeafSpine(), fabric, Reordering());
  network.nic.SendMessage(0, 4, 0, 16 << 20, 1);
  network.Run();
  ASSERT_EQ(network.received_ps.size(), 1u);
  for (const uint64_t count : UplinkFrames(network.fabric)) {
    // 4,096 packets in four bins: six standard deviations.
    EXPECT_NEAR(static_cast<double>(count), 1024, 6 * 27.7);
  }
  EXPECT_EQ(network.nic.Counters().retransmitted_packets, 0u);
}

// Four flows from different hosts of a leaf collide under ECMP and do not under adaptive routing.
TEST(PathChoice, AdaptiveFillsAllPaths) {
  uint64_t end_ps[2] = {0, 0};
  for (const Routing routing : {Routing::kEcmp, Routing::kAdaptive}) {
    FabricConfig fabric;
    fabric.routing = routing;
    TestNetwork network(LeafSpine(), fabric, Reordering());
    for (uint32_t src = 0; src < 4; ++src) network.nic.SendMessage(src, 4 + src, 0, 8 << 20, src);
    network.Run();
    uint64_t& end = end_ps[routing == Routing::kEcmp ? 0 : 1];
    for (const auto& [cookie, received_ps] : network.received_ps) end = std::max(end, received_ps);
    EXPECT_EQ(network.nic.Counters().retransmitted_packets, 0u);
    if (routing == Routing::kAdaptive) {
      for (const uint64_t count : UplinkFrames(network.fabric)) EXPECT_NEAR(count, 2048, 205);
    }
  }
  EXPECT_GT(end_ps[0], end_ps[1] * 5 / 4);
}

// Messages with silences between them change paths, a message in one go does not.
TEST(PathChoice, FlowletsMoveAfterAGap) {
  FabricConfig fabric;
  fabric.routing = Routing::kFlowlet;
  fabric.flowlet_gap_ps = 10000000;
  TestNetwork network(LeafSpine(), fabric, {});
  network.nic.SendMessage(0, 4, 0, 4 << 20, 0);
  network.Run();
  const std::vector<uint64_t> before = UplinkFrames(network.fabric);
  EXPECT_EQ(std::count(before.begin(), before.end(), 0u), 3);
  for (uint64_t i = 1; i < 64; ++i) {
    network.fabric.AdvanceTo(network.fabric.NowPs() + 20000000);
    network.nic.SendMessage(0, 4, 0, 100000, i);
    network.Run();
  }
  const std::vector<uint64_t> after = UplinkFrames(network.fabric);
  EXPECT_EQ(std::count(after.begin(), after.end(), 0u), 0);
  EXPECT_EQ(network.received_ps.size(), 64u);
  EXPECT_EQ(network.nic.Counters().retransmitted_packets, 0u);
}

}  // namespace
}  // namespace ddlsim
