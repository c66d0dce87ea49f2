// SPDX-License-Identifier: MIT
#include "results/printed-summary.h"

#include <gtest/gtest.h>

#include <sstream>

#include "results/text-table.h"
#include "sample-run.h"
#include "test-folder.h"
#include "traffic/traffic-cookie.h"

namespace ddlsim {
namespace {

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

RunSummary SmallSummary() {
  RunSummary summary;
  summary.topology = "star, 2 hosts";
  summary.workload = "tiny";
  summary.hosts = 2;
  summary.ranks = 2;
  summary.simulated_time_ps = 10000000;
  summary.iteration_time_ps = 10000000;
  summary.compute_time_ps = 7500000;
  summary.exposed_communication_ps = 2000000;
  summary.idle_time_ps = 500000;
  summary.data_packets = 1234567;
  return summary;
}

CollectiveRecord SmallCollective(uint64_t size_bytes) {
  CollectiveRecord record;
  record.spec = {CollectiveType::kAllReduce, Algorithm::kRing, 2, size_bytes, 0};
  record.ready_ps = 500000;
  record.end_ps = 2000000;
  record.bound_ps = 1500000;
  return record;
}

TEST(PrintedSummary, SaysWhatARunFound) {
  CollectiveTable table;
  table.Add(SmallCollective(40000));
  std::vector<LinkRecord> links(7);
  for (size_t i = 0; i < links.size(); ++i) {
    links[i].source = "host-" + std::to_string(i);
    links[i].destination = "switch";
    links[i].rate_bps = 400000000000;
    links[i].busy_ps = 1000000 * i;
    links[i].bytes = 1 << 20;
  }
  const std::string text =
      RenderSummary(SmallSummary(), table, FlowCompletionTable(), links,
                    {2.0, 2.0, 1 << 20, 6000000, 4000000}, "results/tiny", "results/latest");
  EXPECT_TRUE(Contains(text, "Finished: 10.00 us of simulated time.")) << text;
  EXPECT_TRUE(Contains(text, "compute                                       7.500 us  75.0 %"))
      << text;
  EXPECT_TRUE(Contains(text, "2.000 us  20.0 %")) << text;
  EXPECT_TRUE(
      Contains(text,
               "all_reduce  ring           2  39.06 KiB      1  2.000 us  500.0 ns   20.0   "
               "20.0  1.500 us    75.0 %"))
      << text;
  EXPECT_TRUE(Contains(text, "host-6 -> switch  400 Gb/s    1 MiB       60.0 %")) << text;
  EXPECT_TRUE(Contains(text, "host-2 -> switch")) << text;  // the fifth
  EXPECT_FALSE(Contains(text, "host-1 -> switch")) << text;
  EXPECT_TRUE(Contains(text, "1,234,567 data packets")) << text;
  EXPECT_TRUE(Contains(text, "3.00 M events/s, 2.00 M packet-hops/s")) << text;
  EXPECT_TRUE(Contains(text, "results/tiny  (also results/latest)")) << text;
}

TEST(PrintedSummary, RowsThatDifferLookDifferent) {
  CollectiveTable table;
  for (const uint64_t more : {0, 16384, 32768}) table.Add(SmallCollective((1002 << 20) + more));
  table.Add(SmallCollective(3 << 20));
  const std::string text =
      RenderSummary(SmallSummary(), table, FlowCompletionTable(), {}, {}, "r", "");
  for (const char* size : {"1002 MiB", "1002.02 MiB", "1002.03 MiB", " 3 MiB"}) {
    EXPECT_TRUE(Contains(text, size)) << text;
  }
}

TEST(PrintedSummary, SaysWhatOfCommunicationIsThePipelines) {
  RunSummary summary = SmallSummary();
  const char* const line = "  of which waiting for other pipeline stages  1.500 us  15.0 %";
  EXPECT_FALSE(
      Contains(RenderSummary(summary, {}, FlowCompletionTable(), {}, {}, "r", ""), "stages"));
  summary.pipeline_wait_ps = 1500000;
  const std::string text = RenderSummary(summary, {}, FlowCompletionTable(), {}, {}, "r", "");
  EXPECT_TRUE(Contains(text, line)) << text;
}

TEST(PrintedSummary, ManyKindsOfCollectivesAreCut) {
  CollectiveTable table;
  for (uint64_t i = 1; i <= 40; ++i) table.Add(SmallCollective(i * 1024));
  const std::string text =
      RenderSummary(SmallSummary(), table, FlowCompletionTable(), {}, {}, "r", "");
  EXPECT_TRUE(Contains(text, "... and 28 more kinds in collectives.csv")) << text;
  EXPECT_FALSE(Contains(text, "(also")) << text;
}

TEST(PrintedSummary, SaysWhoWaitsWhenStalled) {
  RunSummary summary = SmallSummary();
  summary.status = RunStatus::kStalled;
  for (uint32_t rank = 0; rank < 12; ++rank) {
    summary.waiting.push_back({rank, 5, "recv\x1b[2J", "rank 1 to send"});
  }
  summary.waiting_operations = 30;
  const std::string text = RenderSummary(summary, {}, FlowCompletionTable(), {}, {}, "r", "");
  EXPECT_TRUE(Contains(text, "Stalled after 10.00 us")) << text;
  EXPECT_TRUE(Contains(text, "30 operations wait")) << text;
  EXPECT_TRUE(Contains(text, "rank 9: recv")) << text;
  EXPECT_FALSE(Contains(text, "rank 10: recv")) << text;
  EXPECT_TRUE(Contains(text, "(node 5) waits for rank 1 to send\n")) << text;
  EXPECT_TRUE(Contains(text, "... and 20 more")) << text;
  EXPECT_FALSE(Contains(text, "\x1b")) << text;  // nothing that a terminal would obey
  EXPECT_TRUE(Contains(text, "none completed")) << text;
}

TEST(PrintedSummary, SaysThatFlowControlHasLockedUp) {
  RunSummary summary = SmallSummary();
  summary.status = RunStatus::kStalled;
  summary.pause_deadlock = {"a->b", "b->c", "c->a"};
  summary.waiting_operations = 2;
  const std::string text = RenderSummary(summary, {}, FlowCompletionTable(), {}, {}, "r", "");
  EXPECT_TRUE(Contains(text,
                       "Locked up after 10.00 us of simulated time: flow control holds back "
                       "3 links in a circle"))
      << text;
  EXPECT_TRUE(Contains(text, "2 operations wait")) << text;
}

TEST(PrintedSummary, AnInterruptedRunIsNotTakenForAWholeOne) {
  RunSummary summary = SmallSummary();
  summary.status = RunStatus::kInterrupted;
  const std::string text = RenderSummary(summary, {}, FlowCompletionTable(), {}, {}, "r", "");
  EXPECT_TRUE(Contains(text, "Interrupted after 10.00 us")) << text;
  EXPECT_TRUE(Contains(text, "So far     10.00 us")) << text;
  EXPECT_FALSE(Contains(text, "\nIteration")) << text;
}

TEST(PrintedSummary, ShowsFlowCompletionOfTrafficAlone) {
  RunSummary summary = SmallSummary();
  summary.ranks = 0;
  FlowCompletionTable flows({"websearch", "incast"});
  FlowRecord flow;
  flow.ideal_ps = 1000;
  for (uint64_t i = 1; i <= 200; ++i) {
    flow.size_bytes = i <= 100 ? 1000 : 1001;
    flow.end_ps = 1000 * i;
    flow.cookie = TrafficCookie{0, 3}.Encode();
    flows.Add(flow);
    flow.cookie = 17;  // the workload's
    flows.Add(flow);
  }
  flow.size_bytes = uint64_t{1} << 40;
  flow.end_ps = 2500;
  flow.cookie = TrafficCookie{1, 0}.Encode();
  flows.Add(flow);
  const std::string text = RenderSummary(summary, {}, flows, {}, {}, "r", "");
  EXPECT_TRUE(Contains(text, "websearch  up to 1 KB     100  50.0  95.0  99.0      100")) << text;
  EXPECT_TRUE(Contains(text, "websearch  1 to 10 KB     100   150   195   199      200")) << text;
  EXPECT_TRUE(Contains(text, "websearch  all            200   100   190   198      200")) << text;
  EXPECT_TRUE(Contains(text, "incast     above 10 MB      1  2.50  2.50  2.50     2.50")) << text;
  EXPECT_FALSE(Contains(text, "Iteration")) << text;
  EXPECT_FALSE(Contains(text, "rank")) << text;
  EXPECT_TRUE(Contains(RenderSummary(summary, {}, FlowCompletionTable({"x"}), {}, {}, "r", ""),
                       "Flows: none completed"));
  summary.status = RunStatus::kStalled;
  summary.traffic_unfinished_flows = 1;
  EXPECT_TRUE(Contains(RenderSummary(summary, {}, flows, {}, {}, "r", ""),
                       "but 1 flow of the traffic has not arrived."));
}

TEST(SlowdownHistogram, PercentilesAreNearestRanks) {
  SlowdownHistogram histogram;
  EXPECT_EQ(histogram.Percentile(50), 0);
  for (uint64_t i = 1; i <= 1000; ++i) histogram.Add(i * i * 1000, 1000);  // squares
  for (const uint32_t percent : {1u, 10u, 50u, 95u, 99u, 100u}) {
    const double exact = (percent * 10.0) * (percent * 10.0);
    EXPECT_LE(histogram.Percentile(percent), exact);
    EXPECT_GE(histogram.Percentile(percent), exact * (1 - 1.0 / 512));
  }
  histogram.Add(UINT64_MAX, 1);  // as slow as can be: counted, not lost
  EXPECT_EQ(histogram.Count(), 1001u);
  SlowdownHistogram sum;
  sum.Add(histogram);
  sum.Add(histogram);
  EXPECT_EQ(sum.Count(), 2002u);
  EXPECT_EQ(sum.Percentile(50), histogram.Percentile(50));
}

TEST(PrintedSummary, FitsATerminalAndHasNoLooseEnds) {
  TestFolder test;
  for (const bool has_records : {true, false}) {
    SampleOptions options;
    options.ranks = 1024;
    options.has_records = has_records;
    std::istringstream text(WriteSampleRun(test.Path(), "run", options));
    for (std::string line; std::getline(text, line);) {
      if (Contains(line, test.Path())) continue;  // as long as the user's path
      EXPECT_LE(line.size(), 100u) << line;
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
      EXPECT_FALSE(Contains(line, "nan")) << line;
    }
  }
}

TEST(TextTable, AlignsColumns) {
  TextTable table({"name", "n"}, 1);
  EXPECT_TRUE(table.IsEmpty());
  table.AddRow({"a", "10"});
  table.AddRow({"longer", "5"});
  EXPECT_EQ(table.Text(1), " name     n\n a       10\n longer   5\n");
}

}  // namespace
}  // namespace ddlsim
