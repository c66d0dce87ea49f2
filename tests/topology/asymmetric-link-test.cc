// SPDX-License-Identifier: MIT
//
// Links whose ways differ in rate, delay and loss.
#include <gtest/gtest.h>

#include "fabric/test-network.h"
#include "nic/wire-format.h"
#include "topology/graph-measures.h"

namespace ddlsim {
namespace {

LinkConfig Way(uint64_t rate_bps, uint64_t delay_ps, double loss = 0) {
  LinkConfig way;
  way.rate_bps = rate_bps;
  way.delay_ps = delay_ps;
  way.loss = loss;
  return way;
}

constexpr uint64_t k100G = 100000000000, k10G = 10000000000;

// One packet each way over one cable: serialization at the way's rate, then the way's delay.
TEST(AsymmetricLink, EachWayHasItsOwnTime) {
  for (const bool is_turned : {false, true}) {
    const NetworkGraph graph = GraphOf([&](NetworkGraph& g) {
      g.AddHost("a");
      g.AddHost("b");
      if (is_turned) {
        g.AddLink("b", "a", Way(k10G, 7000000), Way(k100G, 1000000));
      } else {
        g.AddLink("a", "b", Way(k100G, 1000000), Way(k10G, 7000000));
      }
    });
    TestNetwork network(graph, {}, {});
    network.nic.SendMessage(0, 1, 0, 1000, 1);
    network.nic.SendMessage(1, 0, 0, 1000, 2);
    network.Run();
    const uint64_t wire_bytes = DataFrameBytes(1000, true) + kWireOverheadBytes;
    EXPECT_EQ(network.received_ps[1], SerializationPs(wire_bytes, k100G) + 1000000);
    EXPECT_EQ(network.received_ps[2], SerializationPs(wire_bytes, k10G) + 7000000);
  }
}

TEST(AsymmetricLink, LosesOneWayOnly) {
  const NetworkGraph graph = GraphOf([](NetworkGraph& g) {
    g.AddHost("a");
    g.AddHost("b");
    g.AddLink("a", "b", Way(k100G, 1000000, 0.2), Way(k100G, 1000000, 0));
  });
  TestNetwork network(graph, {}, {});
  network.nic.SendMessage(0, 1, 0, 4000000, 1);
  network.Run();
  EXPECT_EQ(network.bytes_received, 4000000u);
  EXPECT_TRUE(network.IsConserved());
  const auto& ports = network.fabric.PortDetails();
  EXPECT_GT(ports[0].lost_frames, 50u);
  EXPECT_EQ(ports[1].lost_frames, 0u);
}

// Flow control holds what is on its way, also where the way of the pause frames is slow and long.
TEST(AsymmetricLink, HeadroomCoversBothWays) {
  for (const bool is_slow_back : {false, true}) {
    NetworkGraph graph;
    SwitchConfig config;
    config.buffer_bytes = 4u << 20;
    graph.AddSwitch("s", config);
    for (const char* name : {"a", "b", "c", "d"}) {
      graph.AddHost(name);
      const LinkConfig back = is_slow_back ? Way(k10G, 20000000) : Way(k100G, 1000000);
      graph.AddLink(name, "s", Way(k100G, 1000000), back);
    }
    graph.Canonicalize();
    FabricConfig fabric;
    fabric.pfc.enabled = true;
    fabric.qos.has_classes = true;
    fabric.ecn.enabled = false;
    fabric.frame_bytes_max = DataFrameBytes(4096, true);
    NicConfig nic;
    nic.window_bytes = 8u << 20;
    TestNetwork network(graph, fabric, nic);
    for (uint32_t sender = 0; sender < 3; ++sender) {
      network.nic.SendMessage(sender, 3, 0, 6u << 20, sender);
    }
    network.Run();
    const FabricCounters counters = network.fabric.Counters();
    EXPECT_GT(counters.pause_frames, 0u);
    EXPECT_EQ(counters.dropped_frames, 0u);
    EXPECT_EQ(network.bytes_received, 3u * (6u << 20));
  }
}

}  // namespace
}  // namespace ddlsim
