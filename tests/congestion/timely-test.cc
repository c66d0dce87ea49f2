// SPDX-License-Identifier: MIT
#include "congestion/timely.h"

#include <gtest/gtest.h>

#include "congestion/test-congestion.h"

namespace ddlsim {
namespace {

constexpr double kLine = 10e9;

Timely MakeTimely() {
  CongestionControlContext context;
  context.line_rate_bps = 10000000000;
  ParameterValues values = DefaultsOf<Timely>();
  values.Set(Timely::kAlpha, 0.5);
  values.Set(Timely::kMinRtt, 20e6);
  return Timely(values, context);
}

// Samples are an RTT apart or more.
AckEvent Ack(double rtt_us) {
  static uint64_t now_ps = 0;
  AckEvent ack;
  ack.now_ps = now_ps += 1000000000;
  ack.rtt_ps = static_cast<uint64_t>(rtt_us * 1e6);
  ack.acked_bytes = 16000;
  return ack;
}

// Algorithm 1, case by case.
TEST(Timely, RateFollowsThePaper) {
  Timely timely = MakeTimely();
  EXPECT_EQ(timely.RateBps(0), kLine);
  timely.OnAck(Ack(100));  // the first sample has no gradient; the rate is capped at the line's
  EXPECT_EQ(timely.RateBps(0), kLine);
  timely.OnAck(Ack(108));  // gradient 0.5 * 8 / 20 = 0.2
  double rate = kLine * (1 - 0.8 * 0.2);
  EXPECT_DOUBLE_EQ(timely.RateBps(0), rate);
  timely.OnAck(Ack(40));  // below T_low: additive
  rate += 0.001 * kLine;
  EXPECT_DOUBLE_EQ(timely.RateBps(0), rate);
  timely.OnAck(Ack(1000));  // above T_high
  rate *= 1 - 0.8 * (1 - 500.0 / 1000);
  EXPECT_DOUBLE_EQ(timely.RateBps(0), rate);
  timely.OnAck(Ack(60));
  for (int i = 0; i < 6; ++i) timely.OnAck(Ack(60));  // the smoothed gradient dies out
  rate = timely.RateBps(0);
  timely.OnAck(Ack(499));  // a gradient far above 1: by half and not more
  EXPECT_DOUBLE_EQ(timely.RateBps(0), rate / 2);
}

TEST(Timely, HyperactiveIncreaseAfterFiveCompletions) {
  Timely timely = MakeTimely();
  timely.OnAck(Ack(1000));
  timely.OnAck(Ack(1000));
  timely.OnAck(Ack(300));  // gradient falls below zero
  double rate = timely.RateBps(0);
  for (int i = 2; i <= 4; ++i) {
    timely.OnAck(Ack(300 - i));
    rate += 0.001 * kLine;
    EXPECT_NEAR(timely.RateBps(0), rate, 1) << i;
  }
  timely.OnAck(Ack(290));
  rate += 5 * 0.001 * kLine;
  EXPECT_NEAR(timely.RateBps(0), rate, 1);
}

TEST(Timely, SamplesOncePerSegment) {
  Timely timely = MakeTimely();
  AckEvent ack = Ack(1000);
  ack.acked_bytes = 4000;  // one packet
  for (int i = 0; i < 3; ++i) timely.OnAck(ack);
  EXPECT_EQ(timely.RateBps(0), kLine);
  timely.OnAck(ack);
  EXPECT_LT(timely.RateBps(0), kLine);
}

}  // namespace
}  // namespace ddlsim
