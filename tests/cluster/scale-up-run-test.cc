// SPDX-License-Identifier: MIT
//
// Messages and collectives over scale-up networks, against times worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/input-error.h"
#include "collective/schedule.h"
#include "tests/cluster/test-cluster.h"

namespace ddlsim {
namespace {

// ceil(bytes x 8 x 10^12 / rate), written apart from the engine's own function.
uint64_t WirePs(uint64_t bytes, uint64_t rate_bps) {
  const unsigned __int128 bits_ps = static_cast<unsigned __int128>(bytes) * 8 * 1000000000000ull;
  return static_cast<uint64_t>((bits_ps + rate_bps - 1) / rate_bps);
}

// One frame through an NVSwitch: it goes on when the first packet (256 + 16 bytes, and the gap of
// 20) has come.
uint64_t SwitchedFramePs(const Host& host, uint64_t payload_bytes) {
  const uint64_t rate_bps = host.scale_up.rate_bps;
  return host.scale_up.latency_ps + WirePs(256 + 16 + 20, rate_bps) +
         WirePs(payload_bytes + 16 * 16, rate_bps);
}

TEST(ScaleUpRun, AMessageOfOneFrame) {
  const Host host = LoadHost("hgx-a100");
  TestCluster run(host, 1);
  run.records_sends = false;
  run.Message(0, 5, 4096);
  run.Run();
  EXPECT_EQ(run.end_ps[5], SwitchedFramePs(host, 4096));
  EXPECT_EQ(run.nic.Counters().data_packets, 1u);
}

// 256 frames follow one another at the link's rate: 4096 of 4352 bytes are payload.
TEST(ScaleUpRun, ALongMessageTakesTheLinksRate) {
  const Host host = LoadHost("hgx-a100");
  TestCluster run(host, 1);
  run.records_sends = false;
  run.Message(2, 3, uint64_t{256} * 4096);
  run.Run();
  EXPECT_EQ(run.end_ps[3],
            SwitchedFramePs(host, 4096) + 255 * WirePs(4352, host.scale_up.rate_bps));
  EXPECT_EQ(run.nic.Counters().retransmitted_packets, 0u);
}

// Two ranks, two steps of half the buffer each. When a half has come, its acknowledgement (32
// bytes) leaves before the other half.
TEST(ScaleUpRun, AllReduceOfTwoGpusToThePicosecond) {
  Host host = GenericHost(2, 2, 2400000000000);
  TestCluster run(host, 1);
  run.AllReduce(8192);
  const uint64_t expected_ps = 2 * SwitchedFramePs(host, 4096) + WirePs(32, host.scale_up.rate_bps);
  EXPECT_EQ(run.end_ps[0], expected_ps);
  EXPECT_EQ(run.end_ps[1], expected_ps);
  EXPECT_EQ(run.completed, 2u);
}

// Messages between hosts are RoCEv2's on the NICs' links: 4096 + 62 + 16 + 20 bytes, twice.
TEST(ScaleUpRun, BetweenHostsTheNicsCarryIt) {
  Host host = GenericHost(4, 4, 2400000000000);
  TestCluster run(host, 2);
  run.records_sends = false;
  run.Message(1, 6, 4096);
  run.Run();
  EXPECT_EQ(run.end_ps[6], 2 * (WirePs(4096 + 62 + 16 + 20, 400000000000) + 1000000));
}

// The bound of a group within a host is that of its ports there, that of one over two hosts the
// better of both.
TEST(ScaleUpRun, AllReduceTakesItsBoundAtLeast) {
  const Host host = LoadHost("hgx-h100");
  for (uint32_t hosts : {1u, 2u}) {
    EndpointConfig config;
    config.bound_rate_bps = host.nic_rate_bps;
    config.bound_latency_ps = 2000000;
    config.bound_wire_factor = (4096.0 + 62 + 20) / 4096;
    config.scale_up_rate_bps = host.scale_up.rate_bps;
    config.scale_up_latency_ps = host.scale_up.latency_ps;
    config.scale_up_wire_factor = 4352.0 / 4096;
    TestCluster run(host, hosts, config);
    run.AllReduce(uint64_t{4} << 20);
    ASSERT_EQ(run.records.size(), 1u);
    const CollectiveRecord& record = run.records[0];
    const uint64_t took_ps = record.end_ps - record.start_ps;
    EXPECT_GT(record.bound_ps, 0u);
    EXPECT_GE(took_ps, record.bound_ps);
    EXPECT_LT(took_ps, record.bound_ps * 3 / 2);
    if (hosts == 2) {
      // The ring crosses from host to host by one NIC each way: that link is what it waits for.
      const uint64_t nic_bytes = uint64_t{30} * (uint64_t{4} << 20) / 16;
      EXPECT_GT(took_ps, WirePs(nic_bytes, host.nic_rate_bps));
    }
  }
}

uint64_t TwoMessagesPs(uint32_t nic_count) {
  TestCluster run(GenericHost(2, nic_count, 2400000000000), 2);
  run.records_sends = false;
  run.Message(0, 2, uint64_t{1} << 20);
  run.Message(1, 3, uint64_t{1} << 20);
  run.Run();
  return std::max(run.end_ps[2], run.end_ps[3]);
}

TEST(ScaleUpRun, TwoGpusOnOneNicShareItsRate) {
  const uint64_t frames_ps = 256 * WirePs(4096 + 62 + 20, 400000000000);
  EXPECT_GT(TwoMessagesPs(1), 2 * frames_ps);
  EXPECT_LT(TwoMessagesPs(1), 2 * frames_ps + 4000000);
  EXPECT_LT(TwoMessagesPs(2), frames_ps + 4000000);
}

// Without a network inside the host, GPUs on one NIC cannot talk; it is refused beforehand.
TEST(ScaleUpRun, GpusWithoutANetworkAreRefused) {
  Host host = GenericHost(2, 1, 2400000000000);
  host.scale_up = ScaleUp();
  TestCluster run(host, 2);
  CollectiveRequest request;
  request.type = CollectiveType::kAllReduce;
  request.size_bytes = 64;
  request.name = "sum";
  EXPECT_THROW(run.endpoint.Collectives().Check(0, request), InputError);
  EXPECT_THROW(run.endpoint.Messages().Check(0, 1), InputError);
  EXPECT_NO_THROW(run.endpoint.Messages().Check(0, 2));
}

// All to one, eight windows at once: nothing is lost, whatever the queue.
TEST(ScaleUpRun, SwitchesLoseNothing) {
  const Host host = LoadHost("gb200-nvl72");
  TestCluster run(host, 18);
  for (uint32_t rank = 1; rank < 72; ++rank) run.Message(rank, 0, uint64_t{1} << 20);
  run.Run();
  EXPECT_EQ(run.fabric.Counters().dropped_frames, 0u);
  EXPECT_EQ(run.nic.Counters().retransmitted_packets, 0u);
  EXPECT_EQ(run.completed, 2u * 71);
  // The receiver's port is busy all the time.
  const uint64_t frames_ps = 71 * 256 * WirePs(4352, host.scale_up.rate_bps);
  EXPECT_GT(run.end_ps[0], frames_ps);
  EXPECT_LT(run.end_ps[0], frames_ps + frames_ps / 50);
}

// A lossy network behaves the same, to the picosecond, with and without islands beside it: their
// large buffers lengthen no timeout there, and their names draw no one else's random numbers.
TEST(ScaleUpRun, AnIslandChangesNothingElsewhere) {
  LinkConfig links;
  links.loss = 0.01;
  std::map<uint64_t, uint64_t> received_ps[2];
  for (bool has_island : {false, true}) {
    Host host = GenericHost(2, 2, 2400000000000);
    if (!has_island) host.scale_up = ScaleUp();
    const ClusterMap cluster(host, 2, 4);
    const NetworkGraph graph = ClusterGraph(cluster, {}, links);
    const RankMap ranks = MakeRankMap(cluster, graph);
    TestNetwork network(graph, {}, ClusterNics(cluster, graph));
    for (uint32_t i = 0; i < 40; ++i) {
      const RankRoute route = ranks.Route(i % 2, 2 + i / 2 % 2);
      network.nic.SendMessage(route.src, route.dst, 0, 100000, i);
    }
    network.Run();
    EXPECT_EQ(network.received_ps.size(), 40u);
    EXPECT_GT(network.nic.Counters().retransmitted_packets, 0u);
    received_ps[has_island] = network.received_ps;
  }
  EXPECT_EQ(received_ps[0], received_ps[1]);
}

}  // namespace
}  // namespace ddlsim
