// SPDX-License-Identifier: MIT
//
// Contention: fair shares at a port, and how much a bottleneck passes.
#include <gtest/gtest.h>

#include "fabric/test-network.h"

namespace ddlsim {
namespace {

// Two senders into one receiver, each with a window of its own: half of the link each.
TEST(Sharing, TwoFlowsShareAPortEqually) {
  FabricConfig config;
  config.ecn.enabled = false;
  TestNetwork network(BuildStar(3, {}, {}), config, {});
  const uint64_t size_bytes = 16u << 20;
  network.nic.SendMessage(0, 2, 0, size_bytes, 0);
  network.nic.SendMessage(1, 2, 0, size_bytes, 1);
  network.Run();
  const double shorter =
      static_cast<double>(std::min(network.received_ps[0], network.received_ps[1]));
  const double longer =
      static_cast<double>(std::max(network.received_ps[0], network.received_ps[1]));
  // Equal shares end together: the first to end has had at least 49.5 % of the link until then.
  EXPECT_GT(shorter / longer, 0.99);
  // And together they have had all of it.
  const uint64_t packets = 2 * size_bytes / 4096;
  const double wire_bytes = static_cast<double>(packets * (4096 + 82));
  EXPECT_NEAR(longer * 0.05, wire_bytes, wire_bytes * 0.005);  // 400 Gb/s = 0.05 B/ps
}

TEST(Sharing, TwoQueuePairsOfOneHostTakeTurns) {
  TestNetwork network(BuildStar(3, {}, {}), {}, {});
  network.nic.SendMessage(0, 1, 0, 8u << 20, 0);
  network.nic.SendMessage(0, 2, 0, 8u << 20, 1);
  network.Run();
  EXPECT_NEAR(static_cast<double>(network.received_ps[0]) / network.received_ps[1], 1.0, 0.01);
}

TEST(Sharing, IncastOverflowsASmallBufferAndStillEnds) {
  SwitchConfig small;
  small.buffer_bytes = 200000;
  TestNetwork network(BuildStar(17, small, {}), {}, {});
  for (uint32_t src = 1; src < 17; ++src) network.nic.SendMessage(src, 0, 0, 1u << 20, src);
  network.Run();
  EXPECT_EQ(network.received_ps.size(), 16u);
  EXPECT_EQ(network.bytes_received, 16u << 20);
  EXPECT_GT(network.fabric.Counters().dropped_frames, 0u);
  EXPECT_GT(network.nic.Counters().retransmitted_packets, 0u);
  EXPECT_TRUE(network.IsConserved());
  EXPECT_EQ(network.fabric.Frames().InUse(), 0u);
}

}  // namespace
}  // namespace ddlsim
