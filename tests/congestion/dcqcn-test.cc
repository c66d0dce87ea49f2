// SPDX-License-Identifier: MIT
#include "congestion/dcqcn.h"

#include <gtest/gtest.h>

#include <cmath>

#include "congestion/test-congestion.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

CongestionControlContext Context() {
  CongestionControlContext context;
  context.line_rate_bps = 40000000000;
  return context;
}

// The paper's equations (1) to (4), step by step.
TEST(Dcqcn, ReactionPointFollowsThePaper) {
  Dcqcn dcqcn(DefaultsOf<Dcqcn>(), Context());
  const double g = 1.0 / 256, line = 40e9;
  EXPECT_EQ(dcqcn.RateBps(0), line);
  dcqcn.OnCnp(1000000);
  EXPECT_DOUBLE_EQ(dcqcn.RateBps(1000000), line / 2);  // alpha starts at 1
  EXPECT_DOUBLE_EQ(dcqcn.TargetRateBps(), line);
  EXPECT_DOUBLE_EQ(dcqcn.Alpha(), (1 - g) + g);
  // Fast recovery halves the distance to the target at each of the first F timer events.
  double rate = line / 2;
  for (int i = 1; i <= 5; ++i) {
    rate = (rate + line) / 2;
    EXPECT_DOUBLE_EQ(dcqcn.RateBps(1000000 + i * 55000000ull), rate);
    EXPECT_DOUBLE_EQ(dcqcn.Alpha(), std::pow(1 - g, i));
  }
  dcqcn.OnCnp(1000000 + 5 * 55000000ull + 1);
  EXPECT_DOUBLE_EQ(dcqcn.TargetRateBps(), rate);
  EXPECT_DOUBLE_EQ(dcqcn.RateBps(1000000 + 5 * 55000000ull + 1),
                   rate * (1 - std::pow(1 - g, 5) / 2));
}

TEST(Dcqcn, AdditiveThenHyperIncrease) {
  ParameterValues values = DefaultsOf<Dcqcn>();
  values.Set(Dcqcn::kByteCounter, 1000);
  Dcqcn dcqcn(values, Context());
  for (int i = 0; i < 40; ++i) dcqcn.OnCnp(static_cast<uint64_t>(i) + 1);
  const double target = dcqcn.TargetRateBps();
  for (int i = 0; i < 5; ++i) dcqcn.OnSent(100, 1000);
  EXPECT_DOUBLE_EQ(dcqcn.TargetRateBps(), target);  // fast recovery
  dcqcn.OnSent(100, 1000);
  EXPECT_NEAR(dcqcn.TargetRateBps(), target + 40e6, 1);  // R_AI: 40 Mb/s on 40 Gb/s
  const double before = dcqcn.TargetRateBps();
  dcqcn.RateBps(40 + 6 * 55000000ull);  // the timer too passes F: hyper increase from here on
  EXPECT_GT(dcqcn.TargetRateBps(), before + 400e6);
}

// Under incast DCQCN keeps the queue well below what windows alone would fill, and still ends.
TEST(Dcqcn, HoldsQueuesDownUnderIncast) {
  const auto run = [](bool with_dcqcn) {
    NicConfig nic;
    if (with_dcqcn) Use<Dcqcn>(nic);
    LinkConfig link;
    link.rate_bps = 40000000000;
    FabricConfig fabric;
    fabric.ecn.kmin_bytes_per_100g = 12500;  // the paper's 5 KB, 200 KB, 1 % at 40 Gb/s
    fabric.ecn.kmax_bytes_per_100g = 500000;
    fabric.ecn.pmax = 0.01;
    TestNetwork network(BuildStar(9, {}, link), fabric, nic);
    for (uint32_t src = 1; src < 9; ++src) network.nic.SendMessage(src, 0, 0, 8u << 20, src);
    // Queue towards host 0 late in the run.
    network.fabric.RunUntil(5000000000);
    const uint64_t queued_bytes = network.fabric.QueuedBytes(9);
    network.Run();
    EXPECT_EQ(network.received_ps.size(), 8u);
    EXPECT_EQ(network.nic.Counters().cnps > 0, with_dcqcn);
    return queued_bytes;
  };
  const uint64_t without = run(false), with = run(true);
  EXPECT_GT(without, 100000u);
  EXPECT_LT(with, without / 2);
}

}  // namespace
}  // namespace ddlsim
