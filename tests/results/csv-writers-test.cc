// SPDX-License-Identifier: MIT
//
// The rows of each CSV file, to the character.
#include <gtest/gtest.h>

#include <stdexcept>

#include "results/collective-writer.h"
#include "results/flow-writer.h"
#include "results/iteration-writer.h"
#include "results/link-writer.h"
#include "results/operation-writer.h"
#include "results/rank-writer.h"
#include "test-folder.h"
#include "traffic/traffic-cookie.h"

namespace ddlsim {
namespace {

using Lines = std::vector<std::string>;

class CsvWriters : public testing::Test {
 protected:
  Lines Finish(const std::string& name) {
    m_folder.Write("summary.json", "{}");
    m_folder.Finish();
    return m_test.Lines("run/" + name);
  }

  TestFolder m_test;
  ResultFolder m_folder{m_test.Path(), "run"};
};

TEST_F(CsvWriters, Flows) {
  FlowWriter writer(m_folder, {"incast", "websearch"});
  FlowRecord flow;
  flow.src_host = 3;
  flow.dst_host = 14;
  flow.channel = 2;
  flow.size_bytes = 1 << 20;
  flow.start_ps = 1500;
  flow.end_ps = 22001501;
  flow.ideal_ps = 21000001;
  flow.retransmitted_packets = 7;
  writer.OnFlow(flow);
  flow.ideal_ps = 0;
  flow.end_ps = 2500;
  flow.cookie = TrafficCookie{1, 200}.Encode();
  writer.OnFlow(flow);
  EXPECT_EQ(writer.FlowCount(), 1u);  // traffic waits for its acknowledgement
  writer.OnFlowAcknowledged(3, 14, 2, flow.cookie, 3500);
  EXPECT_EQ(writer.FlowCount(), 2u);
  flow.cookie = TrafficCookie{0, 7}.Encode();
  writer.OnFlow(flow);
  writer.Finish();  // never acknowledged
  EXPECT_EQ(Finish("flows.csv"),
            (Lines{"id,src_host,dst_host,channel,size_bytes,start_ns,end_ns,fct_ns,ideal_ns,"
                   "slowdown,retransmitted_packets,traffic,acknowledged_ns",
                   "0,3,14,2,1048576,1.5,22001.501,22000.001,21000.001,1.0476,7,workload,",
                   "1,3,14,2,1048576,1.5,2.5,1,0,,7,websearch,3.5",
                   "2,3,14,2,1048576,1.5,2.5,1,0,,7,incast,"}));
}

TEST_F(CsvWriters, NamesOfTrafficArePlain) {
  EXPECT_THROW(FlowWriter(m_folder, {"web,search"}), std::logic_error);
}

TEST_F(CsvWriters, ManyFlowsOfTheLargestNumbers) {
  FlowWriter writer(m_folder);
  FlowRecord flow;
  flow.src_host = flow.dst_host = flow.channel = flow.retransmitted_packets = UINT32_MAX;
  flow.size_bytes = flow.end_ps = UINT64_MAX;
  flow.ideal_ps = 1;
  flow.cookie = UINT64_MAX >> 1;
  for (int i = 0; i < 5000; ++i) writer.OnFlow(flow);  // several buffers
  const Lines lines = Finish("flows.csv");
  ASSERT_EQ(lines.size(), 5001u);
  const std::string row =
      ",4294967295,4294967295,4294967295,18446744073709551615,0,18446744073709551.615,"
      "18446744073709551.615,0.001,18446744073709551615.0000,4294967295,workload,";
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(lines[i + 1], std::to_string(i) + row);
}

TEST_F(CsvWriters, MessagesOfTheWorkloadMayHaveNoRows) {
  FlowWriter writer(m_folder, {"incast"}, false);
  FlowRecord flow;
  flow.size_bytes = 1000;
  flow.ideal_ps = flow.end_ps = 1000;
  for (int i = 0; i < 3; ++i) writer.OnFlow(flow);
  flow.cookie = TrafficCookie{0, 7}.Encode();
  writer.OnFlow(flow);
  writer.Finish();
  EXPECT_EQ(writer.FlowCount(), 4u);
  const Lines lines = Finish("flows.csv");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].substr(0, 2), "3,");
  EXPECT_NE(lines[1].find(",incast,"), std::string::npos);
}

CollectiveRecord AllReduce() {
  CollectiveRecord record;
  record.id = 4;
  record.name = "bucket,1";
  record.group = "dp";
  record.first_rank = 2;
  record.spec = {CollectiveType::kAllReduce, Algorithm::kRing, 4, 4000000, 0};
  record.issue_ps = 1000;
  record.start_ps = 2500;
  record.ready_ps = 10002500;
  record.end_ps = 200002500;
  record.bound_ps = 150000000;
  return record;
}

constexpr const char* kCollectiveHeader =
    "id,name,group,first_rank,ranks,collective,algorithm,size_bytes,issue_ns,start_ns,ready_ns,"
    "end_ns,time_ns,algbw_gbytes_per_s,busbw_gbytes_per_s,bound_ns,bound_share,model_ns,protocol,"
    "channels,skew_ns";

TEST_F(CsvWriters, CollectivesFollowNcclTests) {
  CollectiveWriter writer(m_folder);
  CollectiveRecord record = AllReduce();
  writer.OnCollective(record);  // 4 MB in 200 us: 20 GB/s, and 2 x 3/4 of it on the bus
  record.model_ps = 180000500;
  record.protocol = Protocol::kLl128;
  record.channels = 24;
  record.spec.type = CollectiveType::kAllGather;
  writer.OnCollective(record);
  const std::string times = "4000000,1,2.5,10002.5,200002.5,200000,20.0000,";
  EXPECT_EQ(
      Finish("collectives.csv"),
      (Lines{kCollectiveHeader,
             "4,\"bucket,1\",dp,2,4,all_reduce,ring," + times + "30.0000,150000,0.7500,,,,10000",
             "4,\"bucket,1\",dp,2,4,all_gather,ring," + times +
                 "15.0000,150000,0.7500,180000.5,ll128,24,10000"}));
}

TEST_F(CsvWriters, CollectivesWithoutBytesOrTimeHaveNoBandwidth) {
  CollectiveWriter writer(m_folder);
  CollectiveRecord record = AllReduce();
  record.name.clear();
  record.group.clear();
  record.spec = {CollectiveType::kBarrier, Algorithm::kDissemination, 4, 0, 0};
  writer.OnCollective(record);
  record.spec = {CollectiveType::kAllReduce, Algorithm::kRing, 1, 8, 0};
  record.end_ps = record.ready_ps = record.start_ps;
  record.bound_ps = 0;
  writer.OnCollective(record);
  EXPECT_EQ(
      Finish("collectives.csv"),
      (Lines{
          kCollectiveHeader,
          "4,,,2,4,barrier,dissemination,0,1,2.5,10002.5,200002.5,200000,,,150000,0.7500,,,,10000",
          "4,,,2,1,all_reduce,ring,8,1,2.5,2.5,2.5,0,,,0,,,,,0"}));
}

TEST_F(CsvWriters, Operations) {
  OperationWriter writer(m_folder);
  const std::string name = "qkv \"fused\"";
  OperationRecord record;
  record.rank = 5;
  record.node_id = UINT64_MAX;
  record.name = &name;
  record.size_bytes = 77;
  record.issue_ps = 1;
  record.start_ps = 20;
  record.end_ps = 300;
  writer.OnOperation(record);
  record.type = NodeType::kCollective;
  record.collective = CollectiveType::kReduceScatter;
  record.name = nullptr;
  std::string group = "tp,\"x\"";
  record.group = &group;
  writer.OnOperation(record);
  record.type = NodeType::kSend;
  group = "pp";
  writer.OnOperation(record);
  EXPECT_EQ(writer.RowCount(), 3u);
  EXPECT_EQ(
      Finish("operations.csv"),
      (Lines{"rank,node_id,name,type,collective,size_bytes,issue_ns,start_ns,end_ns,group",
             "5,18446744073709551615,\"qkv \"\"fused\"\"\",compute,,,0.001,0.02,0.3,",
             "5,18446744073709551615,,collective,reduce_scatter,77,0.001,0.02,0.3,\"tp,\"\"x\"\"\"",
             "5,18446744073709551615,,send,,77,0.001,0.02,0.3,pp"}));
}

TEST_F(CsvWriters, Ranks) {
  RankRecord rank;
  rank.rank = 1;
  rank.host = 9;
  rank.end_ps = 1000500;
  rank.compute_ps = 600000;
  rank.communication_ps = 500000;
  rank.exposed_communication_ps = 400250;
  rank.idle_ps = 250;
  rank.pipeline_wait_ps = 100500;
  rank.nodes = 12;
  WriteRanks(m_folder, {rank});
  EXPECT_EQ(Finish("ranks.csv"), (Lines{"rank,host,operations,end_ns,compute_ns,communication_ns,"
                                        "exposed_communication_ns,idle_ns,pipeline_wait_ns",
                                        "1,9,12,1000.5,600,500,400.25,0.25,100.5"}));
}

TEST_F(CsvWriters, Links) {
  LinkRecord link{"up,1", "host-0", "leaf-0", 400000000000, 500000, 20, 10, 41580,
                  831600, 2,        3,        1500};
  WriteLinks(m_folder, {link}, 1663200);
  EXPECT_EQ(Finish("links.csv"),
            (Lines{"link,source,destination,rate_gbps,delay_ns,frames,data_frames,bytes,busy_ns,"
                   "utilisation_share,lost_frames,pause_frames,paused_ns",
                   "\"up,1\",host-0,leaf-0,400,500,20,10,41580,831.6,0.500000,2,3,1.5"}));
}

TEST_F(CsvWriters, LinksOfARunThatNeverBegan) {
  WriteLinks(m_folder, {LinkRecord{"l", "a", "b", 12500000000, 1, 0, 0, 0, 0, 0}}, 0);
  EXPECT_EQ(Finish("links.csv")[1], "l,a,b,12.5,0.001,0,0,0,0,,0,0,0");
}

TEST_F(CsvWriters, Queues) {
  WriteQueues(m_folder, {QueueRecord{"leaf-0", 3, "host-3", 33554432, 8316, 1, 2, 8316, 4},
                         QueueRecord{"host-3", 0, "leaf-0", 0, 0, 0, 0, 0}});
  EXPECT_EQ(Finish("queues.csv"),
            (Lines{"node,port,peer,capacity_bytes,max_queue_bytes,ecn_marked_frames,"
                   "dropped_frames,dropped_bytes,trimmed_frames",
                   "leaf-0,3,host-3,33554432,8316,1,2,8316,4", "host-3,0,leaf-0,,0,0,0,0,0"}));
}

std::vector<IterationRecord> ThreeIterations() {
  return {
      {0, 9000, 4000, 5000, 10}, {9000, 15000, 4000, 1000, 300}, {15000, 25001, 5000, 4000, 501}};
}

TEST_F(CsvWriters, Iterations) {
  WriteIterations(m_folder, ThreeIterations(), 1);
  EXPECT_EQ(Finish("iterations.csv"),
            (Lines{"iteration,is_warm_up,start_ns,end_ns,time_ns,compute_ns,"
                   "exposed_communication_ns,pipeline_wait_ns",
                   "0,1,0,9,9,4,5,0.01", "1,0,9,15,6,4,1,0.3", "2,0,15,25.001,10.001,5,4,0.501"}));
}

TEST(SplitIterations, PartsAreMeansWithoutWarmUpAndAddUp) {
  const IterationSplit split = SplitIterations(ThreeIterations(), 1);
  EXPECT_EQ(split.iteration_ps, 8000u);  // (6000 + 10001) / 2
  EXPECT_EQ(split.compute_ps, 4500u);
  EXPECT_EQ(split.exposed_communication_ps, 2500u);
  EXPECT_EQ(split.pipeline_wait_ps, 400u);
  EXPECT_EQ(split.idle_ps, 1000u);
  EXPECT_EQ(split.min_ps, 6000u);
  EXPECT_EQ(split.max_ps, 10001u);
  EXPECT_EQ(split.deviation_ps, 2829u);  // 4001 / sqrt(2)
  const IterationSplit all = SplitIterations(ThreeIterations(), 0);
  EXPECT_EQ(all.iteration_ps, 8333u);
  EXPECT_EQ(SplitIterations({{0, 7, 3, 2, 0}}, 1).iteration_ps, 7u);
  EXPECT_EQ(SplitIterations({{0, 7, 3, 2, 0}}, 0).deviation_ps, 0u);
  EXPECT_EQ(SplitIterations({}, 0).iteration_ps, 0u);
}

TEST(SplitIterations, AnUnfinishedRunIsOneIteration) {
  std::vector<RankRecord> ranks(3);
  ranks[0].compute_ps = 700;
  ranks[0].exposed_communication_ps = 300;
  ranks[1].compute_ps = 500;
  ranks[1].exposed_communication_ps = 400;
  ranks[1].pipeline_wait_ps = 30;
  ranks[2].compute_ps = 1;
  const IterationSplit split = SplitUnfinished(ranks, 1000);
  EXPECT_EQ(split.iteration_ps, 1000u);
  EXPECT_EQ(split.compute_ps, 400u);                // 1201 / 3
  EXPECT_EQ(split.exposed_communication_ps, 233u);  // 700 / 3
  EXPECT_EQ(split.pipeline_wait_ps, 10u);
  EXPECT_EQ(split.idle_ps, 367u);
  EXPECT_EQ(SplitUnfinished({}, 0).iteration_ps, 0u);
}

}  // namespace
}  // namespace ddlsim
