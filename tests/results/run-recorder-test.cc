// SPDX-License-Identifier: MIT
#include "results/run-recorder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sample-run.h"
#include "test-folder.h"

namespace ddlsim {
namespace {

using Json = nlohmann::json;

constexpr uint32_t kCollectives = kSampleLayers;
constexpr uint32_t kOperationsPerRank =
    3 * kSampleLayers + 1;  // forward, backward, bucket; optimizer

TEST(RunRecorder, WritesEveryFileOfAResultFolder) {
  TestFolder test;
  WriteSampleRun(test.Path(), "run", {});
  std::vector<std::string> expected = ResultFileNames();
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(test.Names("run"), expected);
}

TEST(RunRecorder, RowsAndSummaryAgree) {
  TestFolder test;
  SampleOptions options;
  options.ranks = 8;
  WriteSampleRun(test.Path(), "run", options);
  const Json summary = Json::parse(test.Read("run/summary.json"));
  EXPECT_EQ(summary["collectives"], kCollectives);
  EXPECT_EQ(summary["operations"], 8 * kOperationsPerRank);
  EXPECT_EQ(summary["flows"], kCollectives * 8 * 14);  // a ring of 8 takes 14 steps
  EXPECT_EQ(test.Lines("run/collectives.csv").size(), 1u + kCollectives);
  EXPECT_EQ(test.Lines("run/operations.csv").size(), 1u + 8 * kOperationsPerRank);
  EXPECT_EQ(test.Lines("run/flows.csv").size(), 1u + kCollectives * 8 * 14);
  EXPECT_EQ(test.Lines("run/ranks.csv").size(), 1u + 8);
  EXPECT_NEAR(summary["compute_time_ns"].get<double>() +
                  summary["exposed_communication_ns"].get<double>() +
                  summary["idle_time_ns"].get<double>(),
              summary["iteration_time_ns"].get<double>(), 0.01);
}

TEST(RunRecorder, TwoRunsWriteTheSameBytes) {
  TestFolder test;
  WriteSampleRun(test.Path(), "first", {});
  WriteSampleRun(test.Path(), "second", {});
  for (const std::string& name : ResultFileNames()) {
    EXPECT_EQ(test.Read("first/" + name), test.Read("second/" + name)) << name;
  }
}

TEST(RunRecorder, AnInterruptedRunIsFinalisedWithWhatItHas) {
  TestFolder test;
  {
    ResultFolder folder(test.Path(), "run");
    RunRecorder recorder(folder, 4);
    FlowRecord flow;
    flow.end_ps = 1000;
    recorder.OnFlow(flow);
    RunOutcome outcome;
    outcome.summary.status = RunStatus::kInterrupted;
    outcome.summary.iterations = 10;
    outcome.summary.simulated_time_ps = 5000;
    outcome.ranks.resize(2);
    outcome.ranks[0].compute_ps = 4000;
    recorder.Finish(outcome);
  }
  EXPECT_EQ(test.Lines("run/flows.csv").size(), 2u);
  const Json summary = Json::parse(test.Read("run/summary.json"));
  EXPECT_EQ(summary["status"], "interrupted");
  // Undivided: nobody knows how many of the ten iterations it made.
  EXPECT_EQ(summary["iteration_time_ns"], 5);
  EXPECT_EQ(summary["compute_time_ns"], 2);
  EXPECT_TRUE(Json::parse(test.Read("run/timeline.json"))["traceEvents"].empty());
  EXPECT_EQ(test.Lines("run/links.csv").size(), 1u);
}

TEST(RunRecorder, ARunThatDiesKeepsItsRowsInParts) {
  TestFolder test;
  try {
    ResultFolder folder(test.Path(), "run");
    RunRecorder recorder(folder, 4);
    const std::string name = "x";
    OperationRecord operation;
    operation.name = &name;
    recorder.OnOperation(operation);
    throw std::logic_error("an invariant broke");
  } catch (const std::logic_error&) {
  }
  for (const std::string& name : test.Names("run")) {
    EXPECT_EQ(name.substr(name.size() - 5), ".part") << name;
  }
  EXPECT_EQ(test.Lines("run/operations.csv.part").size(), 2u);
  EXPECT_EQ(Json::parse(test.Read("run/timeline.json.part"))["traceEvents"].size(), 5u);
}

TEST(CollectiveTable, GroupsWhatIsAlikeLongestFirst) {
  CollectiveTable table;
  CollectiveRecord record;
  record.spec = {CollectiveType::kAllReduce, Algorithm::kRing, 8, 1000, 0};
  record.start_ps = 100;
  record.ready_ps = 110;
  record.end_ps = 200;
  record.bound_ps = 50;
  table.Add(record);
  record.end_ps = 400;
  table.Add(record);
  record.spec.size_bytes = 2000;
  record.end_ps = 1000;
  table.Add(record);
  const std::vector<CollectiveGroup> groups = table.Groups();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(table.Count(), 3u);
  EXPECT_EQ(groups[0].spec.size_bytes, 2000u);
  EXPECT_EQ(groups[1].count, 2u);
  EXPECT_EQ(groups[1].MeanTimePs(), 200u);
  EXPECT_EQ(groups[1].MeanWaitPs(), 10u);
  EXPECT_EQ(groups[1].MeanBoundPs(), 50u);
  EXPECT_EQ(groups[1].longest_ps, 300u);
}

}  // namespace
}  // namespace ddlsim
