// SPDX-License-Identifier: MIT
//
// The formulas at low loss: hundreds of thousands of packets for a hundred losses.
#include "internet/tcp-formula.h"

namespace ddlsim {
namespace {

TEST_F(TcpFormulaTest, MathisAtLowLoss) {
  for (const Point& point : {Point{1000, 1460, 1e-3}, Point{100, 8960, 1e-3}}) {
    const double ratio = Goodput(point, 20000, LossModel::kIndependent) / MathisGbps(point);
    EXPECT_NEAR(ratio, 1, 0.15) << point.rtt_us << " us, p = " << point.loss;
    RecordProperty("ratio_" + Name(point), std::to_string(ratio));
  }
}

TEST_F(TcpFormulaTest, PftkAtLowLoss) {
  const Point point{1000, 1460, 1e-4};
  const double ratio = Goodput(point, 20000, LossModel::kRestOfRound) / PftkGbps(point, 0.2);
  EXPECT_NEAR(ratio, 1, 0.15);
  RecordProperty("ratio_" + Name(point), std::to_string(ratio));
}

}  // namespace
}  // namespace ddlsim
