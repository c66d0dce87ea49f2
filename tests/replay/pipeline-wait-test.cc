// SPDX-License-Identifier: MIT
//
// Of exposed communication, what is waiting for other pipeline stages: the bubble where messages
// cost nothing, and never what a collective or a message of another group waits for.
#include <gtest/gtest.h>

#include "test-replay.h"

namespace ddlsim {
namespace {

constexpr uint64_t kUs = 1000000;
constexpr uint64_t kForwardUs = 20, kBackwardUs = 50;
constexpr uint32_t kMicroBatches = 4;

GraphNode ToStage(NodeType type, uint64_t id, int32_t offset, std::vector<uint64_t> after,
                  uint32_t tag) {
  GraphNode node = Message(type, id, 0, 0, std::move(after), tag);
  node.peer_is_relative = true;
  node.peer_offset = offset;
  node.group = "pp";
  return node;
}

// All forward passes, then all backward passes, of two stages: GPipe. A receive is posted when the
// pass before it has ended.
Workload TwoStages() {
  std::vector<GraphNode> first, second;
  std::vector<uint64_t> last_of_first, last_of_second;  // at most one
  uint64_t id = 0;
  for (const bool is_backward : {false, true}) {
    const uint64_t pass_ns = (is_backward ? kBackwardUs : kForwardUs) * 1000;
    for (uint32_t i = 0; i < kMicroBatches; ++i) {
      auto& from = is_backward ? second : first;
      auto& to = is_backward ? first : second;
      auto& last_from = is_backward ? last_of_second : last_of_first;
      auto& last_to = is_backward ? last_of_first : last_of_second;
      const int32_t offset = is_backward ? -1 : 1;
      from.push_back(Compute(id, pass_ns, last_from));
      from.push_back(ToStage(NodeType::kSend, id + 1, offset, {id}, is_backward));
      to.push_back(ToStage(NodeType::kReceive, id + 2, -offset, last_to, is_backward));
      to.push_back(Compute(id + 3, pass_ns, {id + 2}));
      last_from = {id};
      last_to = {id + 3};
      id += 4;
    }
  }
  return MakeWorkload(2, {{{0}, first}, {{1}, second}}, {{"pp", {{0, 1}}}});
}

TEST(PipelineWait, IsTheBubbleWhereMessagesCostNothing) {
  const Workload workload = TwoStages();
  TestReplay test(workload, HostOrder::kAscending, 1, 0);
  test.Run();
  const std::vector<RankRecord> ranks = test.replay.RankRecords();
  const uint64_t pass_ps = (kForwardUs + kBackwardUs) * kUs;
  EXPECT_EQ(test.replay.IterationTimePs(0), (kMicroBatches + 1) * pass_ps);
  // The first stage waits for the second to do one pass each way; the second for the first
  // activation, and is idle while the first does the last backward pass.
  EXPECT_EQ(ranks[0].pipeline_wait_ps, pass_ps);
  EXPECT_EQ(ranks[0].idle_ps, 0u);
  EXPECT_EQ(ranks[1].pipeline_wait_ps, kForwardUs * kUs);
  EXPECT_EQ(ranks[1].idle_ps, kBackwardUs * kUs);
  for (const RankRecord& rank : ranks) {
    EXPECT_EQ(rank.exposed_communication_ps, rank.pipeline_wait_ps);
  }
  const IterationRecord iteration = test.replay.IterationRecords()[0];
  EXPECT_EQ(iteration.pipeline_wait_ps, (pass_ps + kForwardUs * kUs) / 2);
}

TEST(PipelineWait, HasTheMessagesOwnTimeInIt) {
  const Workload workload = TwoStages();
  TestReplay test(workload);  // a microsecond per message
  test.Run();
  const std::vector<RankRecord> ranks = test.replay.RankRecords();
  EXPECT_EQ(ranks[0].pipeline_wait_ps, (kForwardUs + kBackwardUs + 2) * kUs);
  EXPECT_EQ(ranks[1].pipeline_wait_ps, (kForwardUs + 1) * kUs);
  // A send that is not acknowledged exposes nothing of the pipeline: the last gradient's, a
  // microsecond either way.
  EXPECT_EQ(ranks[1].exposed_communication_ps, (kForwardUs + 1 + 2) * kUs);
}

TEST(PipelineWait, AddsUpOverIterations) {
  const Workload workload = TwoStages();
  TestReplay test(workload, HostOrder::kAscending, 3, 0);
  test.Run();
  uint64_t sum_ps = 0;
  for (const IterationRecord& iteration : test.replay.IterationRecords()) {
    sum_ps += 2 * iteration.pipeline_wait_ps;
  }
  const std::vector<RankRecord> ranks = test.replay.RankRecords();
  EXPECT_EQ(sum_ps, ranks[0].pipeline_wait_ps + ranks[1].pipeline_wait_ps);
}

TEST(PipelineWait, IsNotWhatOtherCommunicationTakes) {
  // Rank 1 waits for the stage before it for 30 us. In the first 10 it computes; then, for 8, an
  // all_reduce with rank 2 runs.
  const Workload workload =
      MakeWorkload(3,
                   {{{0}, {Compute(0, 29000), ToStage(NodeType::kSend, 1, 1, {0}, 0)}},
                    {{1},
                     {Compute(0, 10000), AllReduce(1, 6000, {0}, "dp"),
                      ToStage(NodeType::kReceive, 2, -1, {}, 0)}},
                    {{2}, {Compute(0, 10000), AllReduce(1, 6000, {0}, "dp")}}},
                   {{"pp", {{0, 1}}}, {"dp", {{1, 2}}}});
  TestReplay test(workload);
  test.Run();
  ASSERT_EQ(test.EndPs(1, 1), 18 * kUs);
  ASSERT_EQ(test.EndPs(1, 2), 30 * kUs);
  EXPECT_EQ(test.replay.RankRecords()[1].exposed_communication_ps, 20 * kUs);
  EXPECT_EQ(test.replay.RankRecords()[1].pipeline_wait_ps, 12 * kUs);
  EXPECT_EQ(test.replay.RankRecords()[2].pipeline_wait_ps, 0u);
  EXPECT_EQ((test.groups[{1, 1}]), "dp");
  EXPECT_EQ((test.groups[{1, 2}]), "pp");
  EXPECT_EQ(test.groups.count({1, 0}), 0u);  // compute has none
}

TEST(PipelineWait, IsNotAMessageOfAnotherGroup) {
  GraphNode send = ToStage(NodeType::kSend, 1, 1, {0}, 0);
  GraphNode receive = ToStage(NodeType::kReceive, 0, -1, {}, 0);
  send.group = receive.group = "cp";
  const Workload workload =
      MakeWorkload(2, {{{0}, {Compute(0, 29000), send}}, {{1}, {receive}}}, {{"cp", {{0, 1}}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_EQ(test.replay.RankRecords()[1].exposed_communication_ps, 30 * kUs);
  EXPECT_EQ(test.replay.RankRecords()[1].pipeline_wait_ps, 0u);
}

}  // namespace
}  // namespace ddlsim
