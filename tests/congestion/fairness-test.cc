// SPDX-License-Identifier: MIT
//
// Algorithms on a network: shares, queues and that every run ends.
#include <gtest/gtest.h>

#include <string>

#include "congestion/dcqcn.h"
#include "congestion/dctcp.h"
#include "congestion/fixed-window.h"
#include "congestion/swift.h"
#include "congestion/test-congestion.h"
#include "congestion/timely.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

// Jain's index of what `flows` senders of one star get of one port in the second half of a run.
struct Share {
  double jain;
  double utilisation;  // of the port, payload over line rate
};

Share MeasureShare(const NicConfig& nic, const FabricConfig& fabric, uint32_t flows,
                   uint64_t duration_ps) {
  constexpr uint64_t kMessage = 65536;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 1000000;
  TestNetwork network(BuildStar(flows + 1, {}, link), fabric, nic);
  std::vector<uint64_t> bytes(flows + 1, 0);
  // Each sender keeps two messages under way.
  network.on_received = [&](uint32_t, uint64_t src) {
    if (network.fabric.NowPs() > duration_ps / 2) bytes[src] += kMessage;
    network.nic.SendMessage(static_cast<uint32_t>(src), 0, 0, kMessage, src);
  };
  for (uint32_t src = 1; src <= flows; ++src) {
    network.nic.SendMessage(src, 0, 0, kMessage, src);
    network.nic.SendMessage(src, 0, 0, kMessage, src);
  }
  network.fabric.RunUntil(duration_ps);
  double sum = 0, squares = 0;
  for (uint32_t src = 1; src <= flows; ++src) {
    const double share = static_cast<double>(bytes[src]);
    sum += share;
    squares += share * share;
  }
  const double seconds = static_cast<double>(duration_ps) / 2 * 1e-12;
  return {sum * sum / (flows * squares), sum * 8 / seconds / 100e9};
}

FabricConfig ShallowMarking() {
  FabricConfig fabric;
  fabric.ecn.kmin_bytes_per_100g = 65000;  // DCTCP, section 3.4: a step at K
  fabric.ecn.kmax_bytes_per_100g = 65001;
  fabric.ecn.pmax = 1;
  return fabric;
}

TEST(Fairness, DctcpSharesEvenlyAndFillsThePort) {
  for (uint32_t flows : {2u, 4u, 8u, 16u, 32u}) {
    NicConfig nic;
    nic.payload_bytes = 1000;
    nic.ack_every = 1;
    Use<Dctcp>(nic);
    const Share share = MeasureShare(nic, ShallowMarking(), flows, 20000000000);
    EXPECT_GE(share.jain, 0.95) << flows;
    EXPECT_GE(share.utilisation, 0.85) << flows;
  }
}

TEST(Fairness, DcqcnSharesEvenly) {
  for (uint32_t flows : {2u, 4u, 8u, 16u, 32u}) {
    NicConfig nic;
    nic.payload_bytes = 1000;
    Use<Dcqcn>(nic);
    const Share share = MeasureShare(nic, {}, flows, 40000000000);
    EXPECT_GE(share.jain, 0.95) << flows;
  }
}

TEST(Fairness, SwiftSharesEvenlyAndFillsThePort) {
  for (uint32_t flows : {2u, 8u, 32u}) {
    NicConfig nic;
    nic.payload_bytes = 1000;
    nic.ack_every = 1;
    Use<Swift>(nic);
    const Share share = MeasureShare(nic, {}, flows, 20000000000);
    EXPECT_GE(share.jain, 0.95) << flows;
    EXPECT_GE(share.utilisation, 0.85) << flows;
  }
}

// A window that does not fill the loop is sent once per round trip.
TEST(FixedWindow, RateFollowsTheWindow) {
  constexpr uint64_t kFrame = 4096 + 62, kPackets = (64u << 20) / 4096;
  const auto run = [](double window) {
    ParameterValues values = DefaultsOf<FixedWindow>();
    values.Set(FixedWindow::kWindow, window);
    NicConfig nic;
    nic.ack_every = 1;
    nic.window_bytes = 40 * kFrame;  // a third of what the loop below holds
    Use<FixedWindow>(nic, values);
    LinkConfig link;
    link.rate_bps = 100000000000;
    link.delay_ps = 10000000;
    TestNetwork network(BuildStar(2, {}, link), {}, nic);
    network.nic.SendMessage(1, 0, 0, kPackets * 4096, 1);
    network.Run();
    return static_cast<double>(network.received_ps.at(1));
  };
  const double round_trip_ps = 4 * 10e6 + 2 * 80 * (kFrame + 20) + 2 * 80 * (66 + 20);
  for (const double window : {1.0, 0.5, 0.25}) {
    const double expected_ps = kPackets / (40 * window) * round_trip_ps;
    EXPECT_NEAR(run(window) / expected_ps, 1, 0.01) << window;
  }
  EXPECT_EQ(run(2), run(1));  // the transport's window stays in force
}

}  // namespace
}  // namespace ddlsim
