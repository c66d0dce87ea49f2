// SPDX-License-Identifier: MIT
//
// Links that fail: what is lost, when routes learn of it, and that flows get through again.
#include <gtest/gtest.h>

#include <string>

#include "fabric/test-network.h"

namespace ddlsim {
namespace {

NetworkGraph LeafSpine() {
  FatTreeSpec spec;
  spec.levels = 2;
  spec.hosts = 8;
  spec.hosts_per_edge = 4;
  LinkConfig links;
  links.rate_bps = 100000000000;
  return BuildFatTree(ResolveFatTree(spec), {}, links);
}

// The uplink that the flow from host 0 to host 4 takes.
uint32_t UsedUplink(const Fabric& fabric) {
  for (uint32_t i = 0; i < fabric.Ports().size(); ++i) {
    const PortDetail& detail = fabric.PortDetails()[i];
    if (detail.from == fabric.HostCount() && detail.to >= fabric.HostCount() &&
        fabric.Ports()[i].DataFrames() > 0) {
      return i;
    }
  }
  return kNoPort;
}

uint32_t FindUplink() {
  TestNetwork network(LeafSpine(), {}, {});
  network.nic.SendMessage(0, 4, 0, 1 << 20, 1);
  network.Run();
  return UsedUplink(network.fabric);
}

TEST(LinkChange, FlowTakesAnotherPathWhenRoutesHaveConverged) {
  const uint32_t uplink = FindUplink();
  for (const bool has_classes : {false, true}) {
    FabricConfig fabric;
    fabric.qos.has_classes = has_classes;
    fabric.convergence_delay_ps = 500000000;
    TestNetwork network(LeafSpine(), fabric, {});
    network.fabric.PlanLinkChange(uplink, 100000000, false);
    network.nic.SendMessage(0, 4, 0, 4 << 20, 1);
    network.Run();
    ASSERT_EQ(network.received_ps.size(), 1u);
    // Not before the routes know of it, and soon after: a few timeouts.
    EXPECT_GT(network.received_ps[1], 600000000u);
    EXPECT_LT(network.received_ps[1], 600000000u + 60000000000u);
    EXPECT_GT(network.fabric.Counters().lost_frames, 0u);
    EXPECT_GT(network.nic.Counters().retransmitted_packets, 0u);
    EXPECT_TRUE(network.IsConserved());
    EXPECT_EQ(network.fabric.Frames().InUse(), 0u);
  }
}

TEST(LinkChange, ShortOutageLosesWhatWasOnTheWireThen) {
  const uint32_t uplink = FindUplink();
  FabricConfig fabric;
  fabric.convergence_delay_ps = 1000000000000;  // routes never know
  TestNetwork network(LeafSpine(), fabric, {});
  network.fabric.PlanLinkChange(uplink, 100000000, false);
  network.fabric.PlanLinkChange(uplink, 150000000, true);
  network.nic.SendMessage(0, 4, 0, 4 << 20, 1);
  network.fabric.RunUntil(500000000000);
  ASSERT_EQ(network.received_ps.size(), 1u);
  // One window, sent into the dead link; the timeout comes when it is alive again.
  const uint64_t window_packets = network.nic.QueuePair(0).window_bytes / 4158;
  EXPECT_GE(network.fabric.Counters().lost_frames, window_packets / 2);
  EXPECT_LE(network.fabric.Counters().lost_frames, window_packets + 1);
}

// All uplinks of a leaf: its hosts are cut off, and the run ends.
TEST(LinkChange, UnreachableHostsEndInFailedQueuePairs) {
  FabricConfig fabric;
  fabric.convergence_delay_ps = 1000000;
  NicConfig nic;
  nic.retry_limit = 3;
  TestNetwork network(LeafSpine(), fabric, nic);
  for (uint32_t i = 0; i < network.fabric.Ports().size(); ++i) {
    const PortDetail& detail = network.fabric.PortDetails()[i];
    if (detail.from == network.fabric.HostCount() && detail.to > network.fabric.HostCount()) {
      network.fabric.PlanLinkChange(i, 10000000, false);
    }
  }
  network.nic.SendMessage(0, 4, 0, 4 << 20, 1);
  network.nic.SendMessage(0, 1, 0, 4 << 20, 2);  // behind the same leaf
  network.Run();
  EXPECT_EQ(network.received_ps.count(1), 0u);
  EXPECT_EQ(network.received_ps.count(2), 1u);
  EXPECT_EQ(network.nic.UnfinishedQueuePairs().size(), 1u);
  EXPECT_TRUE(network.IsConserved());
}

// Two runs with a cable's ends named either way are the same run.
TEST(LinkChange, CablesHaveTwoEnds) {
  const uint32_t uplink = FindUplink();
  uint64_t end_ps[2];
  for (const bool reversed : {false, true}) {
    TestNetwork network(LeafSpine(), {}, {});
    const uint32_t reverse = network.fabric.PortDetails()[uplink].reverse;
    EXPECT_EQ(network.fabric.PortDetails()[reverse].reverse, uplink);
    EXPECT_EQ(network.fabric.PortDetails()[reverse].from, network.fabric.PortDetails()[uplink].to);
    network.fabric.PlanLinkChange(reversed ? reverse : uplink, 100000000, false);
    network.nic.SendMessage(0, 4, 0, 4 << 20, 1);
    network.Run();
    end_ps[reversed ? 1 : 0] = network.received_ps[1];
  }
  EXPECT_EQ(end_ps[0], end_ps[1]);
}

}  // namespace
}  // namespace ddlsim
