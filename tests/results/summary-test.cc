// SPDX-License-Identifier: MIT
#include "results/summary.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "results/runtime-facts.h"

namespace ddlsim {
namespace {

using Json = nlohmann::json;

TEST(Summary, TimesAreExactDecimals) {
  RunSummary summary;
  summary.simulated_time_ps = 123456789012345678;
  summary.iteration_time_ps = 3000;
  summary.exposed_communication_ps = 1000;
  const std::string text = SummaryJson(summary);
  EXPECT_NE(text.find("\"simulated_time_ns\": 123456789012345.678,"), std::string::npos) << text;
  EXPECT_NE(text.find("\"exposed_communication_share\": 0.333333,"), std::string::npos) << text;
}

TEST(Summary, HoldsWhatWasCounted) {
  RunSummary summary;
  summary.seed = UINT64_MAX;
  summary.drops = 1;
  summary.lost_packets = 2;
  summary.retransmitted_packets = 3;
  summary.ecn_marked_packets = 4;
  summary.data_packets = 5;
  summary.data_packet_hops = 6;
  const Json json = Json::parse(SummaryJson(summary));
  EXPECT_EQ(json["status"], "finished");
  EXPECT_EQ(json["seed"], UINT64_MAX);
  EXPECT_EQ(json["drops"], 1);
  EXPECT_EQ(json["lost_packets"], 2);
  EXPECT_EQ(json["retransmitted_packets"], 3);
  EXPECT_EQ(json["ecn_marked_packets"], 4);
  EXPECT_EQ(json["data_packets"], 5);
  EXPECT_EQ(json["data_packet_hops"], 6);
  EXPECT_TRUE(json["exposed_communication_share"].is_null());
  EXPECT_EQ(json["waiting"], Json::array());
}

TEST(Summary, NamesWhatWaits) {
  RunSummary summary;
  summary.status = RunStatus::kStalled;
  summary.waiting = {{7, 8, "bad \"name\"\n\xff", "rank 2 to send 5 bytes"}, {9, 1, "x", "y"}};
  summary.waiting.push_back({3, 0, "'x': receive from rank 2", ""});
  summary.waiting_operations = 1000;
  const Json json = Json::parse(SummaryJson(summary));
  EXPECT_EQ(json["status"], "stalled");
  EXPECT_EQ(json["waiting_operations"], 1000);
  ASSERT_EQ(json["waiting"].size(), 3u);
  EXPECT_EQ(json["waiting"][2], (Json{{"rank", 3}, {"operation", "'x': receive from rank 2"}}));
  EXPECT_EQ(json["waiting"][0], (Json{{"rank", 7},
                                      {"node_id", 8},
                                      {"operation", "bad \"name\"\n\xef\xbf\xbd"},
                                      {"waiting_for", "rank 2 to send 5 bytes"}}));
}

TEST(Runtime, RatesArePerCpuSecond) {
  const Json json = Json::parse(RuntimeJson({2.5, 3.0, 1 << 20, 5000000, 2500000}));
  EXPECT_EQ(json, (Json{{"cpu_s", 2.5},
                        {"wall_s", 3.0},
                        {"max_rss_bytes", 1 << 20},
                        {"events", 5000000},
                        {"events_per_cpu_s", 2000000},
                        {"data_packet_hops_per_cpu_s", 1000000}}));
  EXPECT_EQ(Json::parse(RuntimeJson({}))["events_per_cpu_s"], 0);
}

TEST(Runtime, MeasuresThisProcess) {
  const RuntimeFacts facts = MeasureRuntime(std::chrono::steady_clock::now(), 1, 2);
  EXPECT_GT(facts.cpu_s, 0.0);
  EXPECT_GT(facts.max_rss_bytes, 1u << 20);
  EXPECT_EQ(facts.events, 1u);
  EXPECT_EQ(facts.data_packet_hops, 2u);
}

}  // namespace
}  // namespace ddlsim
