// SPDX-License-Identifier: MIT
//
// `ddl-workload describe` as typed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "workload-gen/program/program.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

struct Done {
  int status;
  std::string out, errors;
};

Done Describe(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "describe");
  std::ostringstream out, errors;
  const int status = RunWorkloadProgram(arguments, out, errors);
  return {status, out.str(), errors.str()};
}

TEST(DescribeProgram, BadInputIsOneLine) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{}, "describe: names neither traces nor a model; write describe FOLDER"},
      {{"no/such"}, "no/such: no such trace set"},
      {{"traces/samples/pipeline-2", "--dp=2"}, "--dp: stands beside traces"},
      {{"traces/samples/pipeline-2", "more"}, "more: is not an option"},
      {{"traces/samples/pipeline-2", "--comm-size=half"}, "--comm-size: 'half' is unknown"},
      {{"--model=gpt2", "--groups=x.json"}, "--groups: goes with traces of other tools"},
      {{"--model=gpt2", "--width=5"}, "--width: '5' is out of range"},
      {{"--model=gpt2", "--out=x"}, "--out: there is no such option"},
      {{"--model=gpt2", "--dp=0"}, "--dp: '0' is out of range"},
      {{"--model=gpt2", "--csv=README.md/x"}, "README.md/x: "},
      {{"--dp=2"}, "--model: is missing"},
  };
  for (const auto& [arguments, message] : cases) {
    const Done done = Describe(arguments);
    EXPECT_EQ(done.status, 2) << message;
    EXPECT_EQ(done.out, "") << message;
    EXPECT_EQ(done.errors.find(std::string("ddl-workload: ") + message), 0u) << done.errors;
    EXPECT_EQ(done.errors.find('\n'), done.errors.size() - 1) << done.errors;
  }
}

TEST(DescribeProgram, NothingIsWrittenForBadInput) {
  const fs::path folder =
      fs::path(testing::TempDir()) / ("describe-bad-" + std::to_string(getpid()));
  EXPECT_EQ(Describe({"--model=gpt2", "--tp=5", "--csv=" + folder.string()}).status, 2);
  EXPECT_FALSE(fs::exists(folder));
}

TEST(DescribeProgram, PrintsWhatItFinds) {
  const Done done =
      Describe({"--model=gpt2", "--dp=4", "--pp=2", "--microbatches=4", "--width=60"});
  EXPECT_EQ(done.status, 0) << done.errors;
  for (const char* part :
       {"8 ranks: dp 4, pp 2", "operations of rank", "exchanged", "reduce", "critical path",
        "memory of one GPU", "stage 1", "F0", "B3", "which fits into the 80.00 GB of h100"}) {
    EXPECT_NE(done.out.find(part), std::string::npos) << part << "\n" << done.out;
  }
}

TEST(DescribeProgram, SamplesOfOtherGeneratorsSayWhatIsNotKnown) {
  for (const char* sample : {"traces/samples/pipeline-2", "traces/samples/all-reduce-4"}) {
    const Done done = Describe({sample});
    EXPECT_EQ(done.status, 0) << done.errors;
    EXPECT_NE(done.out.find("not known: the plan, the memory and the passes"), std::string::npos);
  }
}

TEST(DescribeProgram, HelpListsItsOptions) {
  const Done done = Describe({"--help"});
  EXPECT_EQ(done.status, 0);
  for (const char* option : {"--csv", "--width", "--groups", "--comm-size", "--model"}) {
    EXPECT_NE(done.out.find(option), std::string::npos) << option;
  }
}

}  // namespace
}  // namespace ddlsim
