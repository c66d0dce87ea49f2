// SPDX-License-Identifier: MIT
#include "results/decimal-text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "results/human-text.h"

namespace ddlsim {
namespace {

std::string Scaled(uint64_t value, int scale) {
  char text[kNumberTextMax];
  return std::string(text, WriteScaled(text, value, scale));
}

std::string Ratio(uint64_t numerator, uint64_t denominator, int digits) {
  char text[kNumberTextMax];
  return std::string(text, WriteRatio(text, numerator, denominator, digits));
}

TEST(DecimalText, PicosecondsAreExactNanoseconds) {
  EXPECT_EQ(NsText(0), "0");
  EXPECT_EQ(NsText(1), "0.001");
  EXPECT_EQ(NsText(10), "0.01");
  EXPECT_EQ(NsText(1500), "1.5");
  EXPECT_EQ(NsText(1000), "1");
  EXPECT_EQ(NsText(123456789012345678), "123456789012345.678");  // a double has 15 digits
  EXPECT_EQ(NsText(UINT64_MAX), "18446744073709551.615");
}

TEST(DecimalText, OtherScales) {
  EXPECT_EQ(Scaled(1500, 6), "0.0015");
  EXPECT_EQ(Scaled(400000000000, 9), "400");
  EXPECT_EQ(Scaled(12500000001, 9), "12.500000001");
  EXPECT_EQ(Scaled(7, 0), "7");
  EXPECT_EQ(Scaled(UINT64_MAX, 19), "1.8446744073709551615");
}

TEST(DecimalText, RatiosRoundHalfUpAtFixedDigits) {
  EXPECT_EQ(Ratio(1, 3, 4), "0.3333");
  EXPECT_EQ(Ratio(2, 3, 4), "0.6667");
  EXPECT_EQ(Ratio(1, 2, 0), "1");
  EXPECT_EQ(Ratio(1, 1, 4), "1.0000");
  EXPECT_EQ(Ratio(99996, 100000, 4), "1.0000");
  EXPECT_EQ(Ratio(1, 20000, 4), "0.0001");
  EXPECT_EQ(Ratio(1, 20001, 4), "0.0000");
  EXPECT_EQ(Ratio(5, 0, 4), "");
}

TEST(DecimalText, RatiosOfLargeNumbersDoNotOverflow) {
  EXPECT_EQ(Ratio(UINT64_MAX, UINT64_MAX, 9), "1.000000000");
  EXPECT_EQ(Ratio(UINT64_MAX - 1, UINT64_MAX, 4), "1.0000");
  EXPECT_EQ(Ratio(UINT64_MAX / 2, UINT64_MAX, 4), "0.5000");
  EXPECT_EQ(Ratio(UINT64_MAX, 1, 4), "18446744073709551615.0000");
}

TEST(DecimalText, DoublesHaveFixedDigitsOrAreEmpty) {
  EXPECT_EQ(FixedText(47.123456, 4), "47.1235");
  EXPECT_EQ(FixedText(0.0, 4), "0.0000");
  EXPECT_EQ(FixedText(std::nan(""), 4), "");
  EXPECT_EQ(FixedText(std::numeric_limits<double>::infinity(), 4), "");
  EXPECT_EQ(FixedText(1e300, 4), "");
  EXPECT_LT(FixedText(1e30, 9).size(), kNumberTextMax);
}

TEST(HumanText, MagnitudesHaveUnits) {
  EXPECT_EQ(HumanTime(0), "0 ns");
  EXPECT_EQ(HumanTime(1), "1 ps");
  EXPECT_EQ(HumanTime(1280), "1.280 ns");
  EXPECT_EQ(HumanTime(12345678901), "12.35 ms");
  EXPECT_EQ(HumanTime(123456789012345), "123.5 s");
  EXPECT_EQ(HumanSize(16 << 20), "16 MiB");
  EXPECT_EQ(HumanSize(1536), "1.5 KiB");
  EXPECT_EQ(HumanSize(0), "0 B");
  EXPECT_EQ(DistinctSizes({1050673152, 1050689536, 1050673152, 5}),
            (std::vector<std::string>{"1002 MiB", "1002.02 MiB", "1002 MiB", "5 B"}));
  EXPECT_EQ(HumanCount(0), "0");
  EXPECT_EQ(HumanCount(999), "999");
  EXPECT_EQ(HumanCount(1234567), "1,234,567");
  EXPECT_EQ(HumanRate(7300000), "7.30 M");
  EXPECT_EQ(HumanLinkRate(400000000000), "400 Gb/s");
  EXPECT_EQ(HumanLinkRate(1600000000000), "1.6 Tb/s");
  EXPECT_EQ(HumanShare(1, 8), "12.5 %");
  EXPECT_EQ(HumanShare(1, 0), "-");
}

}  // namespace
}  // namespace ddlsim
