// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "results/lane-assigner.h"
#include "results/timeline-writer.h"
#include "sample-run.h"
#include "test-folder.h"

namespace ddlsim {
namespace {

using Json = nlohmann::json;

struct Interval {
  uint64_t start_ps, end_ps;
};

uint32_t DepthOf(const std::vector<Interval>& intervals) {
  uint32_t depth = 0;
  for (const Interval& at : intervals) {
    uint32_t here = 0;
    for (const Interval& other : intervals) {
      here += other.start_ps <= at.start_ps && at.start_ps < other.end_ps;
    }
    depth = std::max(depth, here);
  }
  return depth;
}

std::vector<Interval> RandomIntervals(std::mt19937& random) {
  std::vector<Interval> intervals(1 + random() % 60);
  for (Interval& interval : intervals) {
    interval.start_ps = random() % 100;
    interval.end_ps = interval.start_ps + 1 + random() % 30;
  }
  return intervals;
}

void CheckLanes(const std::vector<Interval>& intervals, bool is_minimal) {
  LaneAssigner lanes;
  std::map<uint32_t, std::vector<Interval>> rows;
  for (const Interval& interval : intervals) {
    std::vector<Interval>& row = rows[lanes.Assign(interval.start_ps, interval.end_ps)];
    for (const Interval& other : row) {
      ASSERT_TRUE(other.end_ps <= interval.start_ps || interval.end_ps <= other.start_ps);
    }
    row.push_back(interval);
  }
  EXPECT_EQ(rows.size(), lanes.LaneCount());
  EXPECT_EQ(rows.rbegin()->first + 1, rows.size());
  if (is_minimal) {
    EXPECT_EQ(rows.size(), DepthOf(intervals));
  }
}

TEST(LaneAssigner, NeverOverlapsAndUsesAsFewRowsAsPossible) {
  const uint32_t seed = 4711;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    std::vector<Interval> intervals = RandomIntervals(random);
    CheckLanes(intervals, false);  // in any order
    std::sort(intervals.begin(), intervals.end(),
              [](const Interval& a, const Interval& b) { return a.end_ps < b.end_ps; });
    CheckLanes(intervals, true);  // as operations complete
  }
}

TEST(LaneAssigner, OneAfterTheOtherStaysOnTheFirstRow) {
  LaneAssigner lanes;
  EXPECT_EQ(lanes.Assign(0, 10), 0u);
  EXPECT_EQ(lanes.Assign(5, 10), 1u);
  EXPECT_EQ(lanes.Assign(10, 10), 0u);
  EXPECT_EQ(lanes.Assign(10, 20), 0u);
}

OperationRecord Operation(uint32_t rank, NodeType type, const std::string& name, uint64_t start_ps,
                          uint64_t end_ps) {
  OperationRecord record;
  record.rank = rank;
  record.node_id = 42;
  record.name = &name;
  record.type = type;
  record.size_bytes = 99;
  record.issue_ps = start_ps;
  record.start_ps = start_ps;
  record.end_ps = end_ps;
  return record;
}

class Timeline : public testing::Test {
 protected:
  Json Finish() {
    m_folder.Write("summary.json", "{}");
    m_folder.Finish();
    return Json::parse(m_test.Read("run/timeline.json"));
  }

  TestFolder m_test;
  ResultFolder m_folder{m_test.Path(), "run"};
};

TEST_F(Timeline, IsValidWithoutEvents) {
  TimelineWriter writer(m_folder, 4, 64);
  const Json json = Finish();
  EXPECT_EQ(json["displayTimeUnit"], "ns");
  EXPECT_TRUE(json["traceEvents"].empty());
}

TEST_F(Timeline, TimesAreExactMicroseconds) {
  TimelineWriter writer(m_folder, 1, 64);
  const std::string name = "matmul";
  OperationRecord record =
      Operation(0, NodeType::kCompute, name, 1234567890123457, 1234567890125000);
  record.issue_ps -= 1500;
  writer.OnOperation(record);
  Finish();
  const std::string text = m_test.Read("run/timeline.json");
  EXPECT_NE(text.find("{\"name\":\"matmul\",\"cat\":\"compute\",\"ph\":\"X\",\"pid\":2,\"tid\":1,"
                      "\"ts\":1234567890.123457,\"dur\":0.001543,"
                      "\"args\":{\"node_id\":42,\"wait_ns\":1.5}}"),
            std::string::npos)
      << text;
}

TEST_F(Timeline, RowsAreNamedByWhatTheyHold) {
  TimelineWriter writer(m_folder, 2, 64);
  const std::string name = "x";
  writer.OnOperation(Operation(1, NodeType::kCompute, name, 0, 10));
  writer.OnOperation(Operation(1, NodeType::kMemoryLoad, name, 0, 10));
  writer.OnOperation(Operation(1, NodeType::kCollective, name, 0, 10));
  writer.OnOperation(Operation(1, NodeType::kReceive, name, 5, 11));
  writer.OnOperation(Operation(1, NodeType::kSend, name, 10, 12));
  std::map<int, std::string> rows;
  std::vector<std::string> held;
  const Json json = Finish();
  for (const Json& event : json["traceEvents"]) {
    EXPECT_EQ(event["pid"], 3);
    if (event["name"] == "process_name") {
      EXPECT_EQ(event["args"]["name"], "rank 1");
    }
    if (event["name"] == "thread_name") rows[event["tid"]] = event["args"]["name"];
    if (event["ph"] == "X") held.push_back(rows[event["tid"]]);
  }
  EXPECT_EQ(held, (std::vector<std::string>{"compute", "memory", "communication", "communication 2",
                                            "communication"}));
}

TEST_F(Timeline, CollectivesHaveTheirAlgorithm) {
  TimelineWriter writer(m_folder, 2, 64);
  CollectiveRecord record;
  record.name = "bucket";
  record.group = "dp";
  record.spec = {CollectiveType::kBroadcast, Algorithm::kTree, 2, 4000, 0};
  record.start_ps = 1000;
  record.end_ps = 201000;
  record.bound_ps = 100500;
  writer.OnCollective(record);
  const Json json = Finish();
  const Json& event = json["traceEvents"].back();
  EXPECT_EQ(event["args"], (Json{{"size_bytes", 4000},
                                 {"algorithm", "tree"},
                                 {"group", "dp"},
                                 {"first_rank", 0},
                                 {"ranks", 2},
                                 {"busbw_gbytes_per_s", 20.0},
                                 {"bound_ns", 100.5}}));
}

TEST_F(Timeline, LargeRunsShowRanksEvenlySpread) {
  TimelineWriter writer(m_folder, 100, 16);
  const std::string name = "x";
  for (uint32_t rank = 0; rank < 100; ++rank) {
    writer.OnOperation(Operation(rank, NodeType::kCompute, name, 0, 10));
  }
  std::set<int> processes;
  const Json json = Finish();
  for (const Json& event : json["traceEvents"]) processes.insert(event["pid"].get<int>());
  std::set<int> expected;
  for (int rank = 0; rank < 100; rank += 7) expected.insert(rank + 2);
  EXPECT_EQ(processes, expected);
}

TEST_F(Timeline, NoRanksMayBeShown) {
  TimelineWriter writer(m_folder, 100, 0);
  const std::string name = "x";
  writer.OnOperation(Operation(0, NodeType::kCompute, name, 0, 10));
  EXPECT_TRUE(Finish()["traceEvents"].empty());
}

// Times of the file are decimals with up to six places: compare them as whole picoseconds.
uint64_t Picoseconds(const Json& us) {
  return static_cast<uint64_t>(std::llround(us.get<double>() * 1e6));
}

TEST(TimelineOfARun, EventsOfOneRowNeverOverlap) {
  for (const bool has_hostile_names : {false, true}) {
    TestFolder test;
    SampleOptions options;
    options.has_hostile_names = has_hostile_names;
    WriteSampleRun(test.Path(), "run", options);
    const Json json = Json::parse(test.Read("run/timeline.json"));
    std::map<std::pair<int, int>, std::vector<Interval>> rows;
    std::set<std::pair<int, int>> named;
    for (const Json& event : json["traceEvents"]) {
      const std::pair<int, int> row{event["pid"], event["tid"]};
      if (event["name"] == "thread_name") named.insert(row);
      if (event["ph"] != "X") continue;
      const uint64_t start_ps = Picoseconds(event["ts"]);
      rows[row].push_back({start_ps, start_ps + Picoseconds(event["dur"])});
    }
    // 16 ranks with compute and communication, and the collectives.
    EXPECT_EQ(rows.size(), 33u);
    for (auto& [row, intervals] : rows) {
      EXPECT_EQ(named.count(row), 1u);
      std::sort(intervals.begin(), intervals.end(),
                [](const Interval& a, const Interval& b) { return a.start_ps < b.start_ps; });
      for (size_t i = 1; i < intervals.size(); ++i) {
        ASSERT_LE(intervals[i - 1].end_ps, intervals[i].start_ps);
      }
    }
  }
}

}  // namespace
}  // namespace ddlsim
