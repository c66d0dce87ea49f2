// SPDX-License-Identifier: MIT
#include "congestion/swift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "congestion/test-congestion.h"

namespace ddlsim {
namespace {

CongestionControlContext Context() {
  CongestionControlContext context;
  context.line_rate_bps = 100000000000;
  context.window_bytes = 200000;
  context.frame_bytes = 1000;
  context.base_rtt_ps = context.loop_ps = 10000000;
  context.hops = 4;
  return context;
}

AckEvent Ack(double rtt_us, double now_us, uint32_t packets = 1) {
  AckEvent ack;
  ack.rtt_ps = static_cast<uint64_t>(rtt_us * 1e6);
  ack.now_ps = static_cast<uint64_t>(now_us * 1e6);
  ack.acked_packets = packets;
  return ack;
}

// Section 3.5: hops add to the target, and so do small windows, up to fs_range.
TEST(Swift, TargetDelay) {
  Swift swift(DefaultsOf<Swift>(), Context());
  EXPECT_DOUBLE_EQ(swift.Cwnd(), 200);
  EXPECT_DOUBLE_EQ(swift.TargetPs(), 32e6);  // above fs_max_cwnd: 20 us and four hops of 3 us
  ParameterValues values = DefaultsOf<Swift>();
  values.Set(Swift::kMinCwnd, 0.1);
  Swift small(values, Context());
  for (int i = 0; i < 5; ++i) small.OnTimeout(static_cast<uint64_t>(i) * 100000000);
  EXPECT_DOUBLE_EQ(small.Cwnd(), 0.1);
  EXPECT_NEAR(small.TargetPs(), 132e6, 1);
  EXPECT_EQ(small.WindowBytes(0), 1000u);
  EXPECT_DOUBLE_EQ(small.RateBps(0), 0.1 * 1000 * 8 / 10e-6);  // a tenth of a packet per RTT
}

// Algorithm 1: proportional decrease at most once per RTT and at most by max_mdf.
TEST(Swift, WindowFollowsThePaper) {
  Swift swift(DefaultsOf<Swift>(), Context());
  const double target = 32;
  swift.OnAck(Ack(40, 100));
  double cwnd = 200 * (1 - 0.8 * (40 - target) / 40);
  EXPECT_DOUBLE_EQ(swift.Cwnd(), cwnd);
  swift.OnAck(Ack(40, 120));  // 20 us later, less than an RTT
  EXPECT_DOUBLE_EQ(swift.Cwnd(), cwnd);
  swift.OnAck(Ack(20, 130, 2));  // below the target
  cwnd += 2 / cwnd;
  EXPECT_DOUBLE_EQ(swift.Cwnd(), cwnd);
  swift.OnAck(Ack(1000, 1500));
  EXPECT_DOUBLE_EQ(swift.Cwnd(), cwnd / 2);
}

}  // namespace
}  // namespace ddlsim
