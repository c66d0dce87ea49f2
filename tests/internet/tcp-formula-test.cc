// SPDX-License-Identifier: MIT
//
// TCP (TcpLinuxReno, SACK, least timeout 200 ms) within 15 % of Mathis and PFTK; the points that
// take more packets are in tcp-formula-long-test.cc.
#include "internet/tcp-formula.h"

namespace ddlsim {
namespace {

TEST_F(TcpFormulaTest, MathisUnderIndependentLoss) {
  const Point point{1000, 1460, 1e-2};
  const double ratio = Goodput(point, 15000, LossModel::kIndependent) / MathisGbps(point);
  EXPECT_NEAR(ratio, 1, 0.15);
  RecordProperty("ratio_" + Name(point), std::to_string(ratio));
}

TEST_F(TcpFormulaTest, PftkUnderLossOfRounds) {
  const Point point{1000, 1460, 1e-2};
  const double ratio = Goodput(point, 40000, LossModel::kRestOfRound) / PftkGbps(point, 0.2);
  EXPECT_NEAR(ratio, 1, 0.15);
  RecordProperty("ratio_" + Name(point), std::to_string(ratio));
}

}  // namespace
}  // namespace ddlsim
