// SPDX-License-Identifier: MIT
//
// How a user says that experts get unequal numbers of tokens, and what is refused.
#include <sstream>

#include "expert-load-plans.h"
#include "workload-gen/plan/member-classes.h"

namespace ddlsim {
namespace {

TEST_F(ExpertLoadPlans, AFileSumsUpTheExpertsOfARank) {
  std::ostringstream rows;
  rows << "expert,share\r\n";
  // 16 experts on 4 ranks: 1, 1, 1 and 5 parts of 8, from counts of tokens in any order.
  for (int expert = 15; expert >= 0; --expert) {
    rows << expert << ',' << (expert == 12 ? 1700 : 100) << "\r\n";
  }
  const Workload workload = Planned({"--dp=4", "--ep=4", File(rows.str())});
  const auto classes = MemberClasses(workload, 0);
  EXPECT_EQ(classes, (std::vector<std::vector<uint32_t>>{{0, 1, 2}, {3}}));
  const ExpertLoads& loads = *workload.batch.sharding.expert_loads;
  EXPECT_EQ(loads.ReceivedRows(2, 3200), (std::vector<uint64_t>{400, 400, 400, 2000}));
  EXPECT_TRUE(loads.ReceivedRows(0, 3200).empty());
}

TEST_F(ExpertLoadPlans, AFileMayStateEachLayer) {
  std::string rows = "layer,expert,share\n";
  for (int layer = 1; layer < 5; ++layer) {
    for (int expert = 0; expert < 16; ++expert) {
      const bool is_hot = expert / 4 == layer - 1;
      rows +=
          std::to_string(layer) + "," + std::to_string(expert) + (is_hot ? ",3e-1\n" : ",0.1\n");
    }
  }
  const Workload workload = Planned({"--dp=4", "--ep=4", File(rows)});
  const ExpertLoads& loads = *workload.batch.sharding.expert_loads;
  for (int layer = 1; layer < 5; ++layer) {
    std::vector<uint64_t> expected(4, 100);
    expected[static_cast<size_t>(layer) - 1] = 300;
    const std::vector<uint64_t> rows_of = loads.ReceivedRows(layer, 600);
    EXPECT_EQ(rows_of, expected) << layer;
  }
  EXPECT_EQ(MemberClasses(workload, 0).size(), 4u);
}

TEST_F(ExpertLoadPlans, BadFilesAreRefused) {
  std::string all = "expert,share\n";
  for (int expert = 0; expert < 16; ++expert) all += std::to_string(expert) + ",1\n";
  std::string nothing = "expert,share\n";
  for (int expert = 0; expert < 16; ++expert) nothing += std::to_string(expert) + ",0\n";
  const std::pair<std::string, const char*> cases[] = {
      {"", "loads.csv:1: is no table of experts' shares"},
      {"expert;share\n", "loads.csv:1: is no table"},
      {"expert,share\n0\n", "loads.csv:2: has not 2 fields"},
      {"expert,share\n0,1,2\n", "loads.csv:2: has not 2 fields"},
      {"layer,expert,share\n1,2\n", "loads.csv:2: has not 3 fields"},
      {"layer,expert,share\n0,0,1\n", "loads.csv:2: layer: '0' is out of range"},
      {"layer,expert,share\n5,0,1\n", "loads.csv:2: layer: '5' is out of range"},
      {"expert,share\n0,1\n16,1\n", "loads.csv:3: expert: '16' is out of range"},
      {"expert,share\n0,1\n0,1\n", "loads.csv:3: has an expert that is there already"},
      {"expert,share\n0,-1\n", "loads.csv:2: share: '-1' is no share"},
      {"expert,share\n0,nan\n", "loads.csv:2: share: 'nan' is no share"},
      {"expert,share\n0,\n", "loads.csv:2: share: '' is no share"},
      {"expert,share\n0,1x\n", "loads.csv:2: share: '1x' is no share"},
      {"expert,share\n0,1\n", "loads.csv: has no row for expert 1"},
      {"layer,expert,share\n1,0,1\n", "loads.csv: has no row for expert 1 in layer 1"},
      {nothing, "loads.csv: gives no expert any tokens"},
      {all + "3,1\n", "loads.csv:18: has an expert"},
  };
  for (const auto& [text, message] : cases) {
    const std::string error = ErrorOf({"--dp=4", "--ep=4", File(text)});
    EXPECT_EQ(error.find(message), 0u) << error;
  }
  EXPECT_NE(ErrorOf({"--dp=4", "--ep=4", "--expert-loads=no/such.csv"}).find("no/such.csv"),
            std::string::npos);
}

TEST_F(ExpertLoadPlans, WhatHasNoEffectOrMakesNoSenseIsRefused) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--expert-imbalance=2"}, "--expert-imbalance: has no effect with --ep=1"},
      {{"--dp=4", "--expert-loads=x"}, "--expert-loads: has no effect with --ep=1"},
      {{"--dp=4", "--ep=4", "--expert-imbalance=4.1"},
       "--expert-imbalance: is more than the 4 ranks"},
      {{"--dp=4", "--ep=4", "--expert-imbalance=2", "--expert-loads=x"},
       "--expert-loads: stands beside --expert-imbalance"},
      {{"--model=gpt2", "--expert-imbalance=2"},
       "--expert-imbalance: 'gpt2' has no experts that ranks could share"},
      {{"--model=resnet50", "--dp=2", "--expert-loads=x"}, "--expert-loads: 'resnet50' has no"},
  };
  for (const auto& [words, message] : cases) {
    const std::string error = ErrorOf(words);
    EXPECT_EQ(error.find(message), 0u) << error;
  }
  for (const char* text : {"", "0.9", "0", "-2", "x", "1.5x", "nan", "inf", "1e9"}) {
    EXPECT_THROW(Options({std::string("--expert-imbalance=") + text}), InputError) << text;
  }
}

// The manifest's command makes the same set again, to the last digit.
TEST_F(ExpertLoadPlans, TheCommandKeepsTheImbalance) {
  for (const char* text : {"1.000001", "1.5", "3", "2.718282"}) {
    const WorkloadOptions options = Options({std::string("--expert-imbalance=") + text});
    EXPECT_NE(CanonicalCommand(options).find(std::string("--expert-imbalance=") + text + " "),
              std::string::npos)
        << CanonicalCommand(options);
  }
  EXPECT_EQ(CanonicalCommand(Options({})).find("--expert"), std::string::npos);
}

}  // namespace
}  // namespace ddlsim
