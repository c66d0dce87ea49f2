// SPDX-License-Identifier: MIT
//
// NSCC: the equations of the Ultra Ethernet specification (section 3.6.13) step by step.
#include "congestion/nscc.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "congestion/test-congestion.h"

namespace ddlsim {
namespace {

// The specification's reference network, so that scaling_a is 1: 100 Gb/s, 12 us, 150,000 bytes.
constexpr double kMtu = 1000, kBdp = 150000, kRtt = 12e6;
constexpr uint64_t kUs = 1000000;

CongestionControlContext Context() {
  CongestionControlContext context;
  context.line_rate_bps = 100000000000;
  context.base_rtt_ps = 12 * kUs;
  context.window_bytes = 1000000;
  context.frame_bytes = 1000;
  return context;
}

AckEvent Ack(uint64_t now_ps, uint64_t delay_ps, bool is_marked, uint64_t bytes = 1000) {
  AckEvent ack;
  ack.now_ps = now_ps;
  ack.rtt_ps = 12 * kUs + delay_ps;
  ack.acked_bytes = bytes;
  ack.acked_packets = 1;
  ack.marked_packets = is_marked ? 1 : 0;
  ack.in_flight_bytes = 50000;
  return ack;
}

AckEvent Trim(uint64_t now_ps) {
  AckEvent ack = Ack(now_ps, 0, true, 0);
  ack.is_trimmed = true;
  return ack;
}

// One that has a window of `cwnd` bytes, by a loss of the rest at once.
Nscc At(double cwnd, const ParameterValues& values = DefaultsOf<Nscc>()) {
  Nscc nscc(values, Context());
  nscc.OnSent(0, static_cast<uint32_t>(nscc.Cwnd() - cwnd));
  nscc.OnTimeout(0);
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), cwnd);
  return nscc;
}

TEST(Nscc, BeginsWithOneAndAHalfProducts) {
  Nscc nscc(DefaultsOf<Nscc>(), Context());
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 1.5 * kBdp);
  EXPECT_DOUBLE_EQ(nscc.TargetPs(), kRtt);
  EXPECT_EQ(nscc.RateBps(0), 100e9);
  // One more packet has to fit whole.
  EXPECT_EQ(nscc.WindowBytes(0), static_cast<uint64_t>(1.5 * kBdp - kMtu) + 1);
  CongestionControlContext trimming = Context();
  trimming.has_trimming = true;
  trimming.window_bytes = 100000;
  Nscc other(DefaultsOf<Nscc>(), trimming);
  EXPECT_DOUBLE_EQ(other.TargetPs(), 0.75 * kRtt);
  EXPECT_DOUBLE_EQ(other.Cwnd(), 100000);  // the transport's window stays in force
}

TEST(Nscc, UnmarkedBelowTheTargetIncreasesInProportion) {
  Nscc nscc = At(50000);
  // alpha = 4 MTU scaling_a scaling_b / target = 4 MTU / 12 us here. Nothing happens before more
  // than 8 packets have come.
  for (uint64_t i = 1; i <= 8; ++i) {
    nscc.OnAck(Ack(i, 3 * kUs, false));
    EXPECT_DOUBLE_EQ(nscc.Cwnd(), 50000);
  }
  nscc.OnAck(Ack(9, 6 * kUs, false));
  const double increase = 4 * kMtu / kRtt * (8 * kMtu * 9e6 + kMtu * 6e6);
  EXPECT_NEAR(nscc.Cwnd(), 50000 + increase / 50000, 1e-6);
  // The same by time, and eta with it.
  const double before = nscc.Cwnd();
  nscc.OnAck(Ack(12 * kUs, 3 * kUs, false));
  EXPECT_NEAR(nscc.Cwnd(), before + 4 * kMtu / kRtt * kMtu * 9e6 / before + 0.15 * kMtu, 1e-6);
}

TEST(Nscc, UnmarkedAboveTheTargetIncreasesByTheSameForAll) {
  for (const double cwnd : {10000.0, 100000.0}) {
    Nscc nscc = At(cwnd);
    for (uint64_t i = 1; i <= 9; ++i) nscc.OnAck(Ack(i, (12 + i) * kUs, false));
    EXPECT_NEAR(nscc.Cwnd(), cwnd + 5 * kMtu * 9 * kMtu / cwnd, 1e-6);
  }
}

TEST(Nscc, MarkedBelowTheTargetChangesNothing) {
  Nscc nscc = At(50000);
  for (uint64_t i = 1; i <= 20; ++i) nscc.OnAck(Ack(i, 11 * kUs, true));
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 50000);
}

TEST(Nscc, MarkedAboveTheTargetDecreasesByTheExcess) {
  Nscc nscc = At(50000);
  // The average counts a packet as its share of the window.
  nscc.OnAck(Ack(13 * kUs, 24 * kUs, true, 40000));
  const double average = 40000.0 / 50000 * 24e6;
  EXPECT_DOUBLE_EQ(nscc.AverageDelayPs(), average);
  // Adjusting periods go on: eta is added after the decrease.
  const double first = 50000 * (1 - 0.8 * (average - kRtt) / average) + 0.15 * kMtu;
  EXPECT_NEAR(nscc.Cwnd(), first, 1e-6);
  nscc.OnAck(Ack(20 * kUs, 24 * kUs, true));
  EXPECT_NEAR(nscc.Cwnd(), first, 1e-6);  // once per base RTT
  // The next: what fills the window moves the average all the way; then eta again.
  nscc.OnAck(Ack(24 * kUs, 18 * kUs, true, 100000));
  EXPECT_DOUBLE_EQ(nscc.AverageDelayPs(), 18e6);
  EXPECT_NEAR(nscc.Cwnd(), first, 1e-6);
  nscc.OnAck(Ack(26 * kUs, 18 * kUs, true));
  EXPECT_NEAR(nscc.Cwnd(), first * (1 - 0.8 * 6 / 18) + 0.15 * kMtu, 1e-6);
}

TEST(Nscc, DecreasesByHalfAtMostAndToOnePacketAtLeast) {
  ParameterValues values = DefaultsOf<Nscc>();
  values.Set(Nscc::kGamma, 1);
  values.Set(Nscc::kDelayAlpha, 1);
  values.Set(Nscc::kDisableQuickAdapt, 1);
  values.Set(Nscc::kEta, 0);
  Nscc nscc = At(50000, values);
  double expected = 50000;
  for (uint64_t i = 1; i <= 12; ++i) {
    nscc.OnAck(Ack(i * 13 * kUs, 1000 * kUs, true));
    expected = std::max(expected / 2, kMtu);
    EXPECT_DOUBLE_EQ(nscc.Cwnd(), expected);
  }
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), kMtu);
  EXPECT_EQ(nscc.WindowBytes(0), 1u);  // only when nothing is under way
}

TEST(Nscc, GrowsFastAfterAWindowWithoutDelay) {
  ParameterValues values = DefaultsOf<Nscc>();
  values.Set(Nscc::kAlpha, 0);
  values.Set(Nscc::kEta, 0);
  Nscc nscc = At(10000, values);
  for (uint64_t i = 1; i <= 10; ++i) nscc.OnAck(Ack(i, 0, false));
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 10000);
  for (uint64_t i = 11; i <= 14; ++i) nscc.OnAck(Ack(i, kUs - 1, false));
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 10000 + 4 * 250);
  nscc.OnAck(Ack(15, kUs, false));  // some delay ends it
  nscc.OnAck(Ack(16, 0, false));
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 10000 + 4 * 250);
  for (uint64_t i = 17; i <= 1000; ++i) nscc.OnAck(Ack(i, 0, false));
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 1.5 * kBdp);  // never beyond
}

TEST(Nscc, QuickAdaptTakesWhatArrivedAfterATrim) {
  Nscc nscc(DefaultsOf<Nscc>(), Context());
  nscc.OnAck(Ack(kUs, 0, false));  // a period begins: base RTT and target, 24 us
  for (uint64_t i = 0; i < 10; ++i) nscc.OnAck(Ack((2 + i) * kUs, 6 * kUs, true));
  const double before = nscc.Cwnd();
  nscc.OnAck(Trim(20 * kUs));  // a packet less, and remembered
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), before - kMtu);
  nscc.OnLoss(20 * kUs);  // the same packet's
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), before - kMtu);
  nscc.OnAck(Ack(25 * kUs, 6 * kUs, true));
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 11 * kMtu);
  // What was under way then, 50,000 bytes, is ignored as long as it is marked ...
  for (uint64_t i = 0; i < 49; ++i) nscc.OnAck(Ack(60 * kUs + i, 60 * kUs, true));
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 11 * kMtu);
  // ... and not thereafter.
  EXPECT_GT(nscc.AverageDelayPs(), 55e6);
  nscc.OnAck(Ack(80 * kUs, 60 * kUs, true));
  EXPECT_LT(nscc.Cwnd(), 8 * kMtu);
}

TEST(Nscc, QuickAdaptActsOnDelayUnlessSwitchesTrim) {
  for (const bool has_trimming : {false, true}) {
    CongestionControlContext context = Context();
    context.has_trimming = has_trimming;
    Nscc nscc(DefaultsOf<Nscc>(), context);
    nscc.OnAck(Ack(kUs, 0, false));
    nscc.OnAck(Ack(2 * kUs, 0, false, 5000));
    nscc.OnAck(Ack(30 * kUs, 49 * kUs, true, 2000));  // above four targets
    if (has_trimming) {
      EXPECT_GT(nscc.Cwnd(), kBdp);
    } else {
      EXPECT_DOUBLE_EQ(nscc.Cwnd(), 7 * kMtu);
    }
  }
}

TEST(Nscc, QuickAdaptIsGatedAndMayBeOff) {
  for (const bool is_off : {false, true}) {
    ParameterValues values = DefaultsOf<Nscc>();
    values.Set(Nscc::kDisableQuickAdapt, is_off ? 1 : 0);
    Nscc nscc(values, Context());
    nscc.OnAck(Ack(kUs, 0, true));
    // An eighth of the window has arrived, so most of it gets through.
    nscc.OnAck(Ack(2 * kUs, 0, true, is_off ? 1000 : static_cast<uint64_t>(1.5 * kBdp / 8)));
    const double before = nscc.Cwnd();
    nscc.OnAck(Trim(30 * kUs));
    EXPECT_DOUBLE_EQ(nscc.Cwnd(), before - kMtu);
  }
}

TEST(Nscc, LossesAndTimeoutsTakeWhatWasLost) {
  Nscc nscc(DefaultsOf<Nscc>(), Context());
  nscc.OnLoss(0);
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 1.5 * kBdp - kMtu);
  nscc.OnAck(Ack(1, 0, true));  // leaves 50,000 bytes under way
  nscc.OnSent(2, 1000);
  nscc.OnTimeout(3);
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 1.5 * kBdp - kMtu - 51000);
  nscc.OnTimeout(4);
  EXPECT_DOUBLE_EQ(nscc.Cwnd(), 1.5 * kBdp - kMtu - 51000);
}

// Section 3.6.13.5: as the window fills, and always where the receiver would wait for more than it.
TEST(Nscc, AskForAcknowledgements) {
  CongestionControlContext context = Context();
  context.ack_every = 8;
  Nscc nscc(DefaultsOf<Nscc>(), context);
  EXPECT_FALSE(nscc.AskForAck(static_cast<uint64_t>(1.5 * kBdp - kMtu)));
  EXPECT_TRUE(nscc.AskForAck(static_cast<uint64_t>(1.5 * kBdp - kMtu) + 1));
  nscc.OnSent(0, static_cast<uint32_t>(1.5 * kBdp - 8 * kMtu));
  nscc.OnTimeout(0);
  EXPECT_FALSE(nscc.AskForAck(1000));
  nscc.OnLoss(0);
  EXPECT_TRUE(nscc.AskForAck(1000));
}

// A window that closes behind packets that did not ask lets one more go, which does.
TEST(Nscc, DoesNotWaitForASilentReceiver) {
  ParameterValues values = DefaultsOf<Nscc>();
  values.Set(Nscc::kDelayAlpha, 1);
  CongestionControlContext context = Context();
  context.ack_every = 8;
  context.window_bytes = 10000;
  Nscc nscc(values, context);
  EXPECT_FALSE(nscc.AskForAck(5000));
  nscc.OnSent(0, 1000);
  AckEvent ack = Ack(13 * kUs, 40 * kUs, true);
  ack.in_flight_bytes = 5000;
  nscc.OnAck(ack);
  EXPECT_LT(nscc.Cwnd(), 5500);
  EXPECT_EQ(nscc.WindowBytes(0), 5001u);
  EXPECT_TRUE(nscc.AskForAck(6000));
  nscc.OnSent(13 * kUs, 1000);
  EXPECT_LT(nscc.WindowBytes(0), 5000u);
}

}  // namespace
}  // namespace ddlsim
