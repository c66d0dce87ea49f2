// SPDX-License-Identifier: MIT
#include "traffic/flow-size-file.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "base/input-error.h"

namespace ddlsim {
namespace {

class FlowSizeFile : public testing::Test {
 protected:
  void SetUp() override { m_path = testing::TempDir() + "/ddl-flow-sizes.txt"; }
  void TearDown() override { std::remove(m_path.c_str()); }

  FlowSizeDistribution Read(const std::string& text) {
    std::ofstream(m_path, std::ios::binary) << text;
    return ReadFlowSizeFile("--traffic", m_path);
  }
  // The message with the path cut off, or "".
  std::string Refusal(const std::string& text) {
    try {
      Read(text);
    } catch (const InputError& error) {
      return std::string(error.what()).substr(m_path.size());
    }
    return "";
  }

  std::string m_path;
};

TEST_F(FlowSizeFile, ReadsPointsExactly) {
  const FlowSizeDistribution sizes = Read("# sizes\n0 0\n\n4000\t22.93  # percent\r\n2000000 100");
  ASSERT_EQ(sizes.Points().size(), 3u);
  EXPECT_EQ(sizes.Points()[1].size_bytes, 4000u);
  EXPECT_EQ(sizes.Points()[1].share_ppb, 229300000u);
  EXPECT_EQ(Read("100 0.0000001\n200 100.0000000\n").Points()[0].share_ppb, 1u);
}

TEST_F(FlowSizeFile, RefusesWhatIsNoDistribution) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ":1: the distribution does not end at 100"},
      {"0 0\n10 99\n", ":2: the distribution does not end at 100"},
      {"0 0\n10 50\n5 100\n", ":3: the size is below"},
      {"0 0\n10 50\n20 40\n30 100\n", ":3: the percentage is below"},
      {"0 0\n10 50\n10 50\n30 100\n", ":3: repeats"},
      {"0 0\n10\n", ":2: does not hold two numbers"},
      {"0 0\n10 100 1\n", ":2: does not hold two numbers"},
      {"0 0\nten 100\n", ":2: 'ten' is no flow size"},
      {"0 0\n-10 100\n", ":2: '-10' is no flow size"},
      {"0 0\n1099511627777 100\n", "is no flow size"},
      {"0 0\n99999999999999999999 100\n", "is no flow size"},
      {"0 0\n10 100.1\n", ":2: '100.1' is no percentage"},
      {"0 0\n10 1e2\n", "is no percentage"},
      {"0 0\n10 .5\n", "is no percentage"},
      {"0 0\n10 5.\n", "is no percentage"},
      {"0 0\n10 0.00000001\n", "is no percentage"},
      {"0 0\n10 nan\n", "is no percentage"},
      {"0 0\n0 100\n", ":2: all flows have no bytes"},
      {"0 0\n\x01\xff 100\n", "\\x01"},
  };
  for (const auto& [text, problem] : cases) {
    EXPECT_NE(Refusal(text).find(problem), std::string::npos) << text << Refusal(text);
  }
  EXPECT_NE(Refusal(std::string(2 << 20, ' ')), "");
  EXPECT_THROW(ReadFlowSizeFile("--traffic", "/no/such/file"), InputError);
  EXPECT_THROW(ReadFlowSizeFile("--traffic", testing::TempDir()), InputError);
}

}  // namespace
}  // namespace ddlsim
