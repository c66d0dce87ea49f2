// SPDX-License-Identifier: MIT
#include "congestion/dctcp.h"

#include <gtest/gtest.h>

#include <cmath>

#include "congestion/test-congestion.h"

namespace ddlsim {
namespace {

CongestionControlContext Context() {
  CongestionControlContext context;
  context.line_rate_bps = 10000000000;
  context.window_bytes = 100000;
  context.frame_bytes = 1000;
  return context;
}

AckEvent Ack(uint32_t una_psn, uint32_t next_psn, uint32_t packets, uint32_t marked) {
  AckEvent ack;
  ack.acked_packets = packets;
  ack.acked_bytes = packets * 1000ull;
  ack.marked_packets = marked;
  ack.una_psn = una_psn;
  ack.next_psn = next_psn;
  return ack;
}

// Equations (1) and (2) of the paper, window by window.
TEST(Dctcp, AlphaAndWindowFollowThePaper) {
  Dctcp dctcp(DefaultsOf<Dctcp>(), Context());
  EXPECT_EQ(dctcp.WindowBytes(0), 100000u);
  dctcp.OnAck(Ack(0, 100, 0, 0));  // observes packets 0 .. 99 from here on
  dctcp.OnAck(Ack(50, 150, 50, 0));
  dctcp.OnAck(Ack(100, 200, 50, 10));  // a tenth is marked; alpha was 1
  const double g = 1.0 / 16;
  const double alpha = (1 - g) * 1.0 + g * 0.1;
  EXPECT_DOUBLE_EQ(dctcp.Alpha(), alpha);
  EXPECT_EQ(dctcp.WindowBytes(0), static_cast<uint64_t>(100000 * (1 - alpha / 2)));
  // More marks in the same window of data change nothing.
  const uint64_t window = dctcp.WindowBytes(0);
  dctcp.OnAck(Ack(150, 200, 50, 50));
  EXPECT_EQ(dctcp.WindowBytes(0), window);
  dctcp.OnAck(Ack(200, 250, 50, 50));  // the next one: all of 100 packets but 0 marked before
  const double next_alpha = (1 - g) * alpha + g * 1.0;
  EXPECT_DOUBLE_EQ(dctcp.Alpha(), next_alpha);
  EXPECT_NEAR(static_cast<double>(dctcp.WindowBytes(0)),
              static_cast<double>(window) * (1 - next_alpha / 2), 1);
}

TEST(Dctcp, GrowsByOnePacketPerWindowAndNeverBeyondTheTransports) {
  ParameterValues values = DefaultsOf<Dctcp>();
  values.Set(Dctcp::kInitialWindow, 10);
  Dctcp dctcp(values, Context());
  dctcp.OnAck(Ack(10, 20, 10, 0));  // slow start: doubles
  EXPECT_EQ(dctcp.WindowBytes(0), 20000u);
  dctcp.OnAck(Ack(11, 30, 1, 1));
  const double reduced = static_cast<double>(dctcp.WindowBytes(0));
  EXPECT_LT(reduced, 20000);
  // W grows by one packet while W is acknowledged: dW/dN = 1/W in packets.
  const uint32_t packets = static_cast<uint32_t>(reduced / 1000);
  for (uint32_t i = 0; i < packets; ++i) dctcp.OnAck(Ack(31 + i, 60, 1, 0));
  const double grown = std::sqrt(reduced * reduced + 2e6 * packets);
  EXPECT_NEAR(static_cast<double>(dctcp.WindowBytes(0)), grown, 5);
  for (uint32_t i = 0; i < 100000; ++i) dctcp.OnAck(Ack(60 + i, 100 + i, 1, 0));
  EXPECT_EQ(dctcp.WindowBytes(0), 100000u);
}

TEST(Dctcp, LossHalvesAndATimeoutStartsAnew) {
  Dctcp dctcp(DefaultsOf<Dctcp>(), Context());
  dctcp.OnAck(Ack(0, 100, 0, 0));
  dctcp.OnLoss(0);
  EXPECT_EQ(dctcp.WindowBytes(0), 50000u);
  dctcp.OnLoss(0);
  EXPECT_EQ(dctcp.WindowBytes(0), 50000u);
  dctcp.OnTimeout(0);
  EXPECT_EQ(dctcp.WindowBytes(0), 1000u);
}

}  // namespace
}  // namespace ddlsim
