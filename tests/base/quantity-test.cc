// SPDX-License-Identifier: MIT
#include "base/quantity.h"

#include <gtest/gtest.h>

#include "base/input-error.h"

namespace ddlsim {
namespace {

TEST(Quantity, ParsesExactly) {
  EXPECT_EQ(ParseRateBps("--r", "400Gbps"), 400000000000u);
  EXPECT_EQ(ParseRateBps("--r", "1.6Tbps"), 1600000000000u);
  EXPECT_EQ(ParseRateBps("--r", "12.5 Gb/s"), 12500000000u);
  EXPECT_EQ(ParseDurationPs("--d", "500ns"), 500000u);
  EXPECT_EQ(ParseDurationPs("--d", "1.28ns"), 1280u);
  EXPECT_EQ(ParseDurationPs("--d", "0s"), 0u);
  EXPECT_EQ(ParseSizeBytes("--s", "16MiB"), 16u << 20);
  EXPECT_EQ(ParseSizeBytes("--s", "1.5KiB"), 1536u);
  EXPECT_EQ(ParseSizeBytes("--s", "4096"), 4096u);
  EXPECT_EQ(ParseSizeBytes("--s", "2GB"), 2000000000u);
  EXPECT_EQ(ParseProbability("--p", "1e-4"), 1e-4);
  EXPECT_EQ(ParseCount("--n", "16", 1, 100), 16u);
}

TEST(Quantity, FormatsWhatItParses) {
  for (uint64_t value : {0ull, 1ull, 999ull, 1000ull, 1024ull, 400000000000ull, 1048576ull}) {
    if (value > 0) {
      EXPECT_EQ(ParseRateBps("", FormatRate(value)), value);
    }
    EXPECT_EQ(ParseDurationPs("", FormatDuration(value)), value);
    EXPECT_EQ(ParseSizeBytes("", FormatSize(value)), value);
  }
  EXPECT_EQ(FormatRate(400000000000), "400Gbps");
  EXPECT_EQ(FormatDuration(500000), "500ns");
  EXPECT_EQ(FormatSize(16u << 20), "16MiB");
}

TEST(Quantity, RefusesWithPlaceAndRemedy) {
  const auto refuse = [](auto parse) {
    try {
      parse();
      ADD_FAILURE() << "accepted";
    } catch (const InputError& error) {
      EXPECT_EQ(error.Place(), "--x");
      EXPECT_FALSE(error.Remedy().empty());
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  };
  for (const char* text :
       {"", "400", "fast", "-1Gbps", "0Gbps", "1Gbpss", "99999999999999999999Gbps", "0.5bps",
        "1e3Gbps", "nan", "4 0Gbps", "1\nGbps"}) {
    refuse([text] { ParseRateBps("--x", text); });
  }
  for (const char* text : {"", "5", "-1ns", "1.0001ps", "ns", "20000s", "1.5.5ns"}) {
    refuse([text] { ParseDurationPs("--x", text); });
  }
  for (const char* text : {"", "-5", "16MiBB", "0.3B", "9999999TiB"}) {
    refuse([text] { ParseSizeBytes("--x", text); });
  }
  for (const char* text : {"", "1.5", "-0.1", "x", "nan", "0.5x"}) {
    refuse([text] { ParseProbability("--x", text); });
    refuse([text] { ParseShare("--x", text); });
  }
  for (const char* text : {"", "0", "101", "-1", "1.5", "0x10", "99999999999999999999999"}) {
    refuse([text] { ParseCount("--x", text, 1, 100); });
  }
}

TEST(Quantities, AShareIsNoProbability) {
  EXPECT_EQ(ParseShare("--load", "0.3"), 0.3);
  try {
    ParseShare("--load", "2");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "--load: '2' is out of range; write a share from 0 to 1, such as 0.3");
  }
}

TEST(InputErrors, SuggestAndPrintable) {
  const std::vector<std::string> names{"fattree", "star", "ring"};
  EXPECT_EQ(Suggest("fatree", names), "did you mean 'fattree'?");
  EXPECT_EQ(Suggest("hypercube", names), "choose one of fattree, star, ring");
  // No other digit is a slip of this one.
  EXPECT_EQ(Suggest("4", std::vector<std::string>{"0", "1"}), "choose one of 0, 1");
  EXPECT_EQ(Suggest("rin", names), "did you mean 'ring'?");
  const std::string many = Suggest("star", std::vector<std::string>(1000, "hypercube"));
  EXPECT_LT(many.size(), 500u);
  EXPECT_NE(many.find(", hypercube and 968 more"), std::string::npos) << many;
  EXPECT_EQ(Printable("a\nb\x80"), "a\\x0ab\\x80");
  EXPECT_EQ(Printable(std::string(200, 'x')).size(), 83u);
}

}  // namespace
}  // namespace ddlsim
