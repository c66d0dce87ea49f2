// SPDX-License-Identifier: MIT
//
// Exact times: one byte takes 1 ns on the fake network and a message 1 us; an all-reduce of n ranks
// is a ring of 2(n-1) steps.
#include "replay/replay.h"

#include <gtest/gtest.h>

#include "base/input-error.h"
#include "tests/replay/test-replay.h"

namespace ddlsim {
namespace {

constexpr uint64_t kNs = 1000;     // ps
constexpr uint64_t kUs = 1000000;  // ps

TEST(Replay, ChainAddsUp) {
  const Workload workload =
      MakeWorkload(1, {{{0}, {Compute(5, 10), Compute(9, 20, {5}), Compute(2, 30, {9})}}});
  TestReplay test(workload);
  EXPECT_FALSE(test.replay.IsDone());
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  EXPECT_EQ(test.EndPs(0, 5), 10 * kNs);
  EXPECT_EQ(test.EndPs(0, 9), 30 * kNs);
  EXPECT_EQ(test.EndPs(0, 2), 60 * kNs);
  EXPECT_EQ(test.At(0, 9).issue_ps, 10 * kNs);
  EXPECT_EQ(test.At(0, 9).name, "compute9");
  EXPECT_EQ(test.replay.IterationTimePs(0), 60 * kNs);
  EXPECT_TRUE(test.replay.Waiting().empty());
}

TEST(Replay, DiamondRunsOneAtATimeInOrderOfTheFile) {
  // Nodes 3 and 2 become ready together; 3 stands first in the file.
  const Workload workload = MakeWorkload(
      1, {{{0}, {Compute(1, 10), Compute(3, 20, {1}), Compute(2, 5, {1}), Compute(4, 1, {2, 3})}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_EQ(test.EndPs(0, 3), 30 * kNs);
  EXPECT_EQ(test.At(0, 2).issue_ps, 10 * kNs);
  EXPECT_EQ(test.At(0, 2).start_ps, 30 * kNs);
  EXPECT_EQ(test.EndPs(0, 4), 36 * kNs);
}

TEST(Replay, ReadinessComesBeforePosition) {
  // Node 0 becomes ready while 1 runs and after 2 did, so 2 runs first although 0 stands before it.
  const Workload workload = MakeWorkload(
      1, {{{0},
           {Compute(0, 10, {3}), Compute(1, 100), Compute(2, 10, {4}), Load(4, 20), Load(3, 30)}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_EQ(test.EndPs(0, 2), 110 * kNs);
  EXPECT_EQ(test.EndPs(0, 0), 120 * kNs);
  EXPECT_EQ(test.At(0, 2).issue_ps, 20 * kNs);
  EXPECT_EQ(test.At(0, 0).issue_ps, 50 * kNs);
}

TEST(Replay, BothKindsOfDependenciesCount) {
  GraphNode last = Compute(2, 1, {0});
  last.control_dependencies = {1, 0};  // 0 twice: counts once
  const Workload workload = MakeWorkload(1, {{{0}, {Compute(0, 10), Load(1, 50), last}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_EQ(test.EndPs(0, 2), 51 * kNs);
}

TEST(Replay, MemoryRunsBesideCompute) {
  GraphNode store = Load(3, 30);
  store.type = NodeType::kMemoryStore;
  const Workload workload =
      MakeWorkload(1, {{{0}, {Compute(1, 100), Load(2, 40), store, Compute(4, 10, {3})}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_EQ(test.EndPs(0, 2), 40 * kNs);
  EXPECT_EQ(test.EndPs(0, 3), 70 * kNs);
  EXPECT_EQ(test.EndPs(0, 4), 110 * kNs);
  EXPECT_EQ(test.replay.RankRecords()[0].compute_ps, 110 * kNs);
}

TEST(Replay, LongChainsWithoutDurationNeedNoStack) {
  std::vector<GraphNode> nodes = {Compute(0, 7)};
  constexpr uint64_t kCount = 200000;
  for (uint64_t id = 1; id < kCount; ++id) {
    nodes.push_back(id % 3 == 0 ? Load(id, 0, {id - 1}) : Compute(id, 0, {id - 1}));
    if (id % 3 == 1) nodes.back() = AllReduce(id, 1024, {id - 1});
  }
  const Workload workload = MakeWorkload(1, {{{0}, nodes}});
  TestReplay test(workload);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  EXPECT_EQ(test.EndPs(0, kCount - 1), 7 * kNs);
  EXPECT_EQ(test.network.events, 1u);
}

TEST(Replay, ComputeAndAllReduceOverlap) {
  // Backward pass in three buckets over two ranks: 2 steps of size/2 bytes and 1 us each.
  const std::vector<GraphNode> nodes = {Compute(0, 10000),          AllReduce(1, 8000, {0}),
                                        Compute(2, 10000, {0}),     AllReduce(3, 8000, {2}),
                                        Compute(4, 5000, {2}),      AllReduce(5, 8000, {4}),
                                        Compute(6, 3000, {1, 3, 5})};
  const Workload workload = MakeWorkload(2, {{{0, 1}, nodes}});
  TestReplay test(workload);
  test.Run();
  for (uint32_t rank = 0; rank < 2; ++rank) {
    EXPECT_EQ(test.EndPs(rank, 1), 20 * kUs);  // 10 to 20, hidden
    EXPECT_EQ(test.EndPs(rank, 3), 30 * kUs);  // 20 to 30
    EXPECT_EQ(test.At(rank, 5).issue_ps, 25 * kUs);
    EXPECT_EQ(test.At(rank, 5).start_ps, 30 * kUs);  // the communicator is busy until then
    EXPECT_EQ(test.EndPs(rank, 5), 40 * kUs);
    EXPECT_EQ(test.EndPs(rank, 6), 43 * kUs);
  }
  const RankRecord record = test.replay.RankRecords()[1];
  EXPECT_EQ(record.rank, 1u);
  EXPECT_EQ(record.host, 1u);
  EXPECT_EQ(record.compute_ps, 28 * kUs);
  EXPECT_EQ(record.communication_ps, 30 * kUs);
  EXPECT_EQ(record.exposed_communication_ps, 15 * kUs);
  EXPECT_EQ(record.idle_ps, 0u);
  EXPECT_EQ(record.end_ps, 43 * kUs);
  EXPECT_EQ(record.nodes, 7u);
  const ReplaySummary summary = test.replay.Summary();
  EXPECT_EQ(summary.iteration_time_ps, 43 * kUs);
  EXPECT_EQ(summary.compute_time_ps, 28 * kUs);
  EXPECT_EQ(summary.exposed_communication_ps, 15 * kUs);
  ASSERT_EQ(test.collectives.size(), 3u);
  EXPECT_EQ(test.collectives[0].name, "all_reduce1");
  EXPECT_EQ(test.collectives[2].issue_ps, 25 * kUs);
  EXPECT_EQ(test.collectives[2].start_ps, 30 * kUs);
}

TEST(Replay, TwoCommunicatorsAtOnce) {
  const std::vector<GraphNode> nodes = {AllReduce(0, 2000, {}, "a"), AllReduce(1, 2000, {}, "b")};
  const Workload workload =
      MakeWorkload(4, {{{0, 1, 2, 3}, nodes}}, {{"a", {{0, 1}, {2, 3}}}, {"b", {{0, 2}, {1, 3}}}});
  TestReplay test(workload);
  test.Run();
  for (uint32_t rank = 0; rank < 4; ++rank) {
    EXPECT_EQ(test.EndPs(rank, 0), 4 * kUs);
    EXPECT_EQ(test.EndPs(rank, 1), 5 * kUs);
    EXPECT_EQ(test.replay.RankRecords()[rank].communication_ps, 5 * kUs);
  }
}

TEST(Replay, AStragglerIsWaitedFor) {
  const Workload workload = MakeWorkload(3, {{{0, 2}, {Compute(0, 1000), AllReduce(1, 3000, {0})}},
                                             {{1}, {Compute(0, 50000), AllReduce(1, 3000, {0})}}});
  TestReplay test(workload);
  test.Run();
  // At 50 us rank 1 has all that comes before its own first message. Its steps 0 to 2 leave by
  // 53 us; the answer to step 0, round the ring, is there at 56 us and frees the last one.
  EXPECT_EQ(test.EndPs(1, 1), 57 * kUs);
  const std::vector<RankRecord> records = test.replay.RankRecords();
  EXPECT_EQ(records[1].exposed_communication_ps, 7 * kUs);
  EXPECT_EQ(records[1].compute_ps, 50 * kUs);
  EXPECT_EQ(records[0].exposed_communication_ps, test.EndPs(0, 1) - kUs);
  EXPECT_EQ(records[0].idle_ps, test.EndPs(2, 1) - test.EndPs(0, 1));
  EXPECT_EQ(test.replay.IterationTimePs(0), test.EndPs(2, 1));
  // The longest computing rank's figures.
  EXPECT_EQ(test.replay.Summary().compute_time_ps, 50 * kUs);
  EXPECT_EQ(test.replay.Summary().exposed_communication_ps, 7 * kUs);
}

TEST(Replay, RelativePeersFollowTheGroup) {
  // A pipeline of three stages in two replicas: each stage sends to the next of its own group.
  GraphNode send = Message(NodeType::kSend, 1, 0, 4000, {0});
  send.peer_is_relative = true;
  send.peer_offset = 1;
  send.group = "pp";
  GraphNode receive = Message(NodeType::kReceive, 0, 0, 4000);
  receive.peer_is_relative = true;
  receive.peer_offset = -1;
  receive.group = "pp";
  const Workload workload = MakeWorkload(6,
                                         {{{0, 1}, {Compute(0, 2000), send}},
                                          {{2, 3}, {receive, send}},
                                          {{4, 5}, {receive, Compute(1, 1000, {0})}}},
                                         {{"pp", {{0, 2, 5}, {1, 3, 4}}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  for (const uint32_t rank : {4u, 5u}) EXPECT_EQ(test.EndPs(rank, 1), 13 * kUs);
  EXPECT_EQ(test.EndPs(0, 1), 8 * kUs);  // acknowledged
}

TEST(Replay, MatchedOperationsArePostedInOrderOfTheProgram) {
  // Rank 1 is ready for the second collective first. Matching by readiness would pair operations of
  // different sizes.
  const Workload workload = MakeWorkload(
      2, {{{0}, {AllReduce(0, 2000), AllReduce(1, 4000), AllReduce(2, 6000)}},
          {{1},
           {Compute(9, 30000), AllReduce(0, 2000, {9}), AllReduce(1, 4000), AllReduce(2, 6000)}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  EXPECT_EQ(test.At(1, 1).issue_ps, 0u);
  EXPECT_EQ(test.EndPs(1, 0), 34 * kUs);
  EXPECT_EQ(test.At(1, 1).start_ps, 34 * kUs);
  EXPECT_EQ(test.EndPs(1, 2), 48 * kUs);
  // Held back operations do not run: nothing is exposed before 30 us at rank 1.
  EXPECT_EQ(test.replay.RankRecords()[1].communication_ps, 18 * kUs);
}

TEST(Replay, MessagesOfOneTagArePostedInOrderOfTheProgram) {
  const Workload workload = MakeWorkload(
      2, {{{0},
           {Compute(9, 5000), Message(NodeType::kSend, 0, 1, 1000, {9}),
            Message(NodeType::kSend, 1, 1, 2000), Message(NodeType::kSend, 2, 1, 3000, {}, 7)}},
          {{1},
           {Message(NodeType::kReceive, 0, 0, 1000), Message(NodeType::kReceive, 1, 0, 2000),
            Message(NodeType::kReceive, 2, 0, 3000, {}, 7)}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  EXPECT_EQ(test.EndPs(1, 2), 4 * kUs);
  EXPECT_EQ(test.EndPs(1, 0), 7 * kUs);
  EXPECT_EQ(test.EndPs(1, 1), 9 * kUs);
}

TEST(Replay, FilesNeedNotBeInTopologicalOrder) {
  const Workload workload = MakeWorkload(
      2, {{{0, 1}, {AllReduce(7, 4000, {8}), Compute(8, 1000, {6}), AllReduce(6, 2000)}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  EXPECT_EQ(test.EndPs(0, 6), 4 * kUs);
  EXPECT_EQ(test.EndPs(1, 7), 11 * kUs);
}

TEST(Replay, ManyDependencies) {
  std::vector<GraphNode> nodes;
  std::vector<uint64_t> all;
  for (uint64_t id = 0; id < 1000; ++id) {
    nodes.push_back(Compute(id, 1));
    all.push_back(id);
  }
  nodes.push_back(Compute(1000, 5, all));
  all.resize(255);
  nodes.push_back(Compute(1001, 5, all));
  all.resize(254);
  nodes.push_back(Compute(1002, 5, all));
  const Workload workload = MakeWorkload(1, {{{0}, nodes}});
  TestReplay test(workload);
  test.Run();
  EXPECT_EQ(test.At(0, 1002).issue_ps, 254 * kNs);
  EXPECT_EQ(test.At(0, 1001).issue_ps, 255 * kNs);
  EXPECT_EQ(test.At(0, 1000).issue_ps, 1000 * kNs);
}

TEST(Replay, IterationsFollowOneAnother) {
  const Workload workload = MakeWorkload(2, {{{0}, {Compute(0, 1000), AllReduce(1, 2000, {0})}},
                                             {{1}, {Compute(0, 3000), AllReduce(1, 2000, {0})}}});
  TestReplay test(workload, HostOrder::kAscending, 3);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  EXPECT_EQ(test.replay.IterationTimePs(0), 7 * kUs);
  EXPECT_EQ(test.replay.IterationTimePs(0) + test.replay.IterationTimePs(1) +
                test.replay.IterationTimePs(2),
            test.EndPs(1, 1));
  EXPECT_EQ(test.collectives.size(), 3u);
  EXPECT_EQ(test.replay.Progress().nodes_done, 12u);
  EXPECT_EQ(test.replay.Progress().nodes_total, 12u);
  EXPECT_EQ(test.replay.RankRecords()[0].nodes, 6u);
  EXPECT_EQ(test.replay.Summary().compute_time_ps, 3 * kUs);
}

TEST(Replay, ReportsComeInOrderOfTimeThenRank) {
  const std::vector<GraphNode> nodes = {Compute(0, 1000), AllReduce(1, 4000, {0}),
                                        Compute(2, 0, {1})};
  const Workload workload = MakeWorkload(4, {{{0, 1, 2, 3}, nodes}});
  std::vector<std::vector<std::pair<uint32_t, uint64_t>>> orders;
  for (const HostOrder order :
       {HostOrder::kAscending, HostOrder::kDescending, HostOrder::kShuffled}) {
    TestReplay test(workload, order);
    orders.push_back(test.Run().order_of_report);
  }
  EXPECT_EQ(orders[0], orders[1]);
  EXPECT_EQ(orders[0], orders[2]);
  EXPECT_EQ(orders[0], (std::vector<std::pair<uint32_t, uint64_t>>{{0, 0},
                                                                   {1, 0},
                                                                   {2, 0},
                                                                   {3, 0},
                                                                   {0, 1},
                                                                   {0, 2},
                                                                   {1, 1},
                                                                   {1, 2},
                                                                   {2, 1},
                                                                   {2, 2},
                                                                   {3, 1},
                                                                   {3, 2}}));
}

TEST(Replay, EmptyGraphsAreDoneAtOnce) {
  const Workload workload = MakeWorkload(2, {{{0}, {}}, {{1}, {Compute(0, 5)}}});
  TestReplay test(workload, HostOrder::kAscending, 2);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  EXPECT_EQ(test.replay.RankRecords()[0].idle_ps, 10 * kNs);
}

TEST(Replay, ProgressAndWaitingOfAStuckRun) {
  const Workload workload =
      MakeWorkload(3, {{{0, 1}, {Compute(0, 1000), AllReduce(1, 3072, {0}), Compute(2, 10, {1})}},
                       {{2},
                        {Message(NodeType::kReceive, 0, 0, 4096, {}, 3), AllReduce(1, 3072, {0}),
                         AllReduce(2, 3072)}}});
  TestReplay test(workload);
  test.Run();
  EXPECT_FALSE(test.replay.IsDone());
  EXPECT_EQ(test.replay.Progress().nodes_done, 2u);
  EXPECT_EQ(test.replay.Progress().nodes_total, 9u);
  EXPECT_EQ(test.replay.Progress().ranks_done, 0u);
  const std::vector<WaitingRank> waiting = test.replay.Waiting();
  ASSERT_EQ(waiting.size(), 3u);
  EXPECT_EQ(waiting[0].nodes_done, 1u);
  EXPECT_EQ(waiting[0].nodes_total, 3u);
  ASSERT_EQ(waiting[0].operations.size(), 1u);
  EXPECT_NE(waiting[0].operations[0].find("'all_reduce1': all_reduce of 3KiB on the group of all "
                                          "ranks, operation 0: not started by rank 2"),
            std::string::npos)
      << waiting[0].operations[0];
  EXPECT_EQ(waiting[2].operations,
            (std::vector<std::string>{
                "'receive0': receive of 4KiB from rank 0, tag 3: has not been sent",
                "'all_reduce2': is ready and keeps its place behind 'all_reduce1', which is not"}));
  ASSERT_EQ(waiting[2].nodes.size(), 2u);
  EXPECT_EQ(waiting[2].nodes[0].node_id, 0u);
  EXPECT_EQ(waiting[2].nodes[0].name, "receive0");
  EXPECT_EQ(waiting[2].nodes[0].reason, "receive of 4KiB from rank 0, tag 3: has not been sent");
  EXPECT_EQ(test.replay.Waiting(2).size(), 2u);
  EXPECT_EQ(test.replay.Waiting(3, 1)[2].operations.size(), 1u);
}

TEST(Replay, WhatRunsCountsUntilNow) {
  const Workload workload = MakeWorkload(1, {{{0}, {Compute(0, 1000), Compute(1, 5000, {0})}}});
  TestReplay test(workload);
  test.replay.Start();
  test.network.At(3 * kUs, [] {});
  test.network.Run(3 * kUs);
  EXPECT_EQ(test.replay.RankRecords()[0].compute_ps, 3 * kUs);
  EXPECT_EQ(test.replay.Waiting()[0].operations,
            (std::vector<std::string>{"'compute1': is running"}));
}

std::string Refusal(const Workload& workload) {
  try {
    TestReplay test(workload);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Replay, RefusesBeforeItStarts) {
  EXPECT_NE(Refusal(MakeWorkload(2, {{{0}, {Compute(0, 1)}}})), "");  // rank 1 has no graph
  GraphNode broadcast = AllReduce(0, 1000);
  broadcast.collective = CollectiveType::kBroadcast;
  broadcast.root = 2;
  EXPECT_NE(Refusal(MakeWorkload(2, {{{0, 1}, {broadcast}}})).find("root 2"), std::string::npos);
  EXPECT_NE(Refusal(MakeWorkload(1, {{{0}, {Message(NodeType::kSend, 0, 0, 1)}}}))
                .find("message to itself"),
            std::string::npos);
  const Workload workload = MakeWorkload(2, {{{0, 1}, {AllReduce(0, 1000)}}});
  FakeNetwork network;
  const RankMap one_host(2, 2);
  Endpoint endpoint(one_host, workload.Communicators(), {}, network, nullptr);
  EXPECT_THROW(Replay(workload, endpoint, nullptr), InputError);
  const RankMap two_hosts(2, 1);
  Endpoint other(two_hosts, workload.Communicators(), {}, network, nullptr);
  EXPECT_THROW(Replay(workload, other, nullptr, 0), InputError);
  EXPECT_NO_THROW(Replay(workload, other, nullptr, 1));
}

}  // namespace
}  // namespace ddlsim
