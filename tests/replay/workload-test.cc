// SPDX-License-Identifier: MIT
#include "replay/workload.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/input-error.h"
#include "replay/synthetic-workload.h"
#include "tests/replay/test-replay.h"

namespace ddlsim {
namespace {

constexpr uint64_t kUs = 1000000;  // ps

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

#define EXPECT_ERROR(action, part)                         \
  do {                                                     \
    const std::string text = ErrorOf([&] { action; });     \
    EXPECT_NE(text.find(part), std::string::npos) << text; \
  } while (false)

TEST(GraphBuilder, RefusesBrokenGraphs) {
  EXPECT_ERROR(MakeWorkload(1, {{{0}, {Compute(0, 1, {4})}}}),
               "node 0 'compute0' depends on node 4, which does not exist");
  EXPECT_ERROR(MakeWorkload(1, {{{0}, {Compute(3, 1), Compute(3, 2)}}}), "identifier 3");
  EXPECT_ERROR(MakeWorkload(1, {{{0}, {Compute(3, 1, {3})}}}), "cycle of 1 node");
  EXPECT_ERROR(MakeWorkload(1, {{{0},
                                 {Compute(0, 1), Compute(1, 1, {0, 3}), Compute(2, 1, {1}),
                                  Compute(3, 1, {2}), Compute(4, 1, {3})}}}),
               "cycle of 3 nodes");
  EXPECT_ERROR(MakeWorkload(1, {{{0}, {AllReduce(0, 8, {}, "dp")}}}), "group 'dp'");
  EXPECT_ERROR(MakeWorkload(2, {{{0}, {Message(NodeType::kSend, 0, 2, 1)}}}), "rank 2");
}

TEST(GraphBuilder, DerivesDurations) {
  GraphNode work = Compute(0, kNoDuration);
  work.operations = 1000;
  EXPECT_ERROR(MakeWorkload(1, {{{0}, {work}}}), "--hardware");
  GraphNode load = Load(1, kNoDuration);
  load.memory_bytes = 2000;
  EXPECT_ERROR(MakeWorkload(1, {{{0}, {load}}}), "--hardware");
  DurationModel durations;
  durations.compute_ps = [](const GraphNode& node) { return node.operations * 3; };
  durations.memory_rate_bps = 16000000000;  // 2 B/ns
  GraphNode stated = Compute(2, 7);
  stated.operations = 1000000;
  const Workload workload =
      MakeWorkload(1, {{{0}, {work, load, stated, Compute(3, kNoDuration)}}}, {}, durations);
  const ClassGraph& graph = workload.GraphOf(0);
  EXPECT_EQ(graph.DurationPs(0), 3000u);
  EXPECT_EQ(graph.DurationPs(1), kUs);
  EXPECT_EQ(graph.DurationPs(2), 7000u);
  EXPECT_EQ(graph.DurationPs(3), 0u);
  EXPECT_ERROR(MakeWorkload(1, {{{0}, {Compute(0, kDurationMaxNs + 1)}}}), "lasts longer");
}

TEST(Workload, RefusesRanksThatDoNotFit) {
  EXPECT_ERROR(MakeWorkload(2, {{{0, 2}, {}}}), "rank 2");
  EXPECT_ERROR(MakeWorkload(2, {{{0, 1}, {}}, {{1}, {}}}), "second graph for rank 1");
  EXPECT_ERROR(MakeWorkload(2, {{{0}, {}}}).CheckComplete("set"), "no file for rank 1");
  EXPECT_ERROR(MakeWorkload(3, {{{0, 2}, {AllReduce(0, 8, {}, "a")}}}, {{"a", {{0, 1}}}}),
               "group 'a', which does not contain rank 2");
  GraphNode send = Message(NodeType::kSend, 0, 0, 8);
  send.peer_is_relative = true;
  send.peer_offset = 1;
  send.group = "a";
  EXPECT_ERROR(MakeWorkload(3, {{{0, 2}, {send}}}, {{"a", {{0, 1}}}}), "does not contain rank 2");
}

// A folder that goes away.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ddl-replay-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string path;
};

TEST(LoadWorkload, ReadsATraceSetAndReplaysIt) {
  const TemporaryFolder folder;
  TraceSetWriter::Options options;
  options.folder = folder.path + "/set";
  options.rank_count = 4;
  options.axes = {{"dp", {{0, 2}, {1, 3}}}, {"tp", {{0, 1}, {2, 3}}}};
  TraceSetWriter writer(options);
  writer.BeginClass({0, 1, 2, 3});
  writer.Add(Compute(1, 2000));
  writer.Add(AllReduce(2, 2000, {1}, "tp"));
  writer.Add(AllReduce(3, 4000, {2}, "dp"));
  GraphNode send = Message(NodeType::kSend, 4, 0, 1000, {3});
  send.peer_is_relative = true;
  send.peer_offset = 1;
  send.group = "dp";
  writer.Add(send);
  GraphNode receive = send;
  receive.id = 5;
  receive.type = NodeType::kReceive;
  receive.peer_offset = -1;
  writer.Add(receive);
  writer.Finish();
  const TraceSet set = OpenTraceSet(options.folder);
  ValidateTraceSet(set);
  const Workload workload = LoadWorkload(set, {});
  EXPECT_EQ(workload.ClassCount(), 1u);
  EXPECT_EQ(workload.NodeCount(), 20u);
  TestReplay test(workload);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  for (uint32_t rank = 0; rank < 4; ++rank) {
    EXPECT_EQ(test.EndPs(rank, 2), 6 * kUs);
    EXPECT_EQ(test.EndPs(rank, 3), 12 * kUs);
    EXPECT_EQ(test.EndPs(rank, 5), 14 * kUs);
    EXPECT_EQ(test.At(rank, 3).name, "all_reduce3");
  }
}

TEST(LoadWorkload, ConvertsSizesPerRank) {
  const TemporaryFolder folder;
  TraceSetWriter::Options options;
  options.folder = folder.path + "/set";
  options.rank_count = 4;
  TraceSetWriter writer(options);
  writer.BeginClass({0, 1, 2, 3});
  GraphNode gather = AllReduce(0, 1000);
  gather.collective = CollectiveType::kAllGather;
  writer.Add(gather);
  writer.Add(AllReduce(1, 1000, {0}));
  writer.Finish();
  TraceSet set = OpenTraceSet(options.folder);
  EXPECT_EQ(LoadWorkload(set, {}).GraphOf(0).SizeBytes(0), 1000u);
  set.comm_size_meaning = CommSizeMeaning::kPerRank;
  EXPECT_EQ(LoadWorkload(set, {}).GraphOf(0).SizeBytes(0), 4000u);
  EXPECT_EQ(LoadWorkload(set, {}).GraphOf(0).SizeBytes(1), 1000u);
}

TEST(LoadWorkload, RefusesGroupsThatLackARank) {
  const TemporaryFolder folder;
  TraceSetWriter::Options options;
  options.folder = folder.path + "/set";
  options.rank_count = 3;
  options.axes = {{"dp", {{0, 1, 2}}}};
  TraceSetWriter writer(options);
  writer.BeginClass({0, 1, 2});
  writer.Add(AllReduce(0, 1000, {}, "dp"));
  writer.Finish();
  TraceSet set = OpenTraceSet(options.folder);
  set.axes[0].groups[0].pop_back();
  EXPECT_ERROR(LoadWorkload(set, {}), "does not contain rank 2");
  set.axes[0].name = "tp";
  EXPECT_ERROR(LoadWorkload(set, {}), "group 'dp' that does not exist");
}

TEST(Synthetic, CollectivesOneAfterAnother) {
  CollectiveWorkload collective;
  collective.size_bytes = 4000;
  collective.repetitions = 3;
  const Workload workload = MakeCollectiveWorkload(4, collective);
  TestReplay test(workload);
  test.Run();
  EXPECT_EQ(test.EndPs(3, 0), 12 * kUs);
  EXPECT_EQ(test.EndPs(3, 2), 36 * kUs);
  ASSERT_EQ(test.collectives.size(), 3u);
  EXPECT_EQ(test.collectives[1].name, "all_reduce.1");
  EXPECT_EQ(workload.ClassCount(), 1u);
  collective.type = CollectiveType::kBroadcast;
  collective.root = 4;
  EXPECT_ERROR(MakeCollectiveWorkload(4, collective), "root 4");
}

// Ranks leave a broadcast one after another; in lockstep none begins the next before the last has
// left, so that each takes as long as alone.
TEST(Synthetic, ABenchOverlapsNothing) {
  CollectiveBench bench;
  bench.type = CollectiveType::kBroadcast;
  bench.sizes_bytes = {5000, 8, 100000};
  bench.repetitions = 2;
  constexpr uint32_t kRanks = 7;
  for (const HostOrder order : {HostOrder::kAscending, HostOrder::kDescending}) {
    const Workload workload = MakeCollectiveBench(kRanks, bench);
    TestReplay test(workload, order);
    test.Run();
    ASSERT_TRUE(test.replay.IsDone());
    ASSERT_EQ(test.collectives.size(), 6u);
    uint64_t last_end_ps = 0;
    for (uint64_t node = 0; node < 6; ++node) {
      const uint64_t size_bytes = bench.sizes_bytes[node / 2];
      const CollectiveRecord& record = test.collectives[node];
      EXPECT_EQ(record.spec.size_bytes, size_bytes);
      uint64_t first_end_ps = UINT64_MAX, end_ps = 0;
      for (uint32_t rank = 0; rank < kRanks; ++rank) {
        EXPECT_EQ(test.At(rank, node).start_ps, test.At(0, node).start_ps);
        first_end_ps = std::min(first_end_ps, test.EndPs(rank, node));
        end_ps = std::max(end_ps, test.EndPs(rank, node));
      }
      EXPECT_LT(first_end_ps, end_ps);
      if (node > 0) {
        EXPECT_GT(test.At(0, node).start_ps, last_end_ps);
      }
      last_end_ps = end_ps;
      CollectiveWorkload alone;
      alone.type = bench.type;
      alone.size_bytes = size_bytes;
      const Workload single = MakeCollectiveWorkload(kRanks, alone);
      TestReplay reference(single, order);
      reference.Run();
      EXPECT_EQ(record.end_ps - record.start_ps,
                reference.collectives.at(0).end_ps - reference.collectives.at(0).start_ps);
    }
    EXPECT_EQ(test.At(0, 3).name, "broadcast.8B.1");
  }
}

TEST(Synthetic, SendReceive) {
  const Workload workload = MakeSendReceiveWorkload(3, 5000);
  TestReplay test(workload);
  test.Run();
  for (uint32_t rank = 0; rank < 3; ++rank) {
    EXPECT_EQ(test.EndPs(rank, 0), 7 * kUs);
    EXPECT_EQ(test.EndPs(rank, 1), 6 * kUs);
  }
  EXPECT_THROW(MakeSendReceiveWorkload(1, 5000), InputError);
}

TEST(Synthetic, Permutations) {
  const Workload workload = MakePermutationWorkload({2, 0, 1}, 5000);
  TestReplay test(workload);
  test.Run();
  EXPECT_TRUE(test.replay.IsDone());
  EXPECT_EQ(test.network.messages, 3u);
  for (uint32_t rank = 0; rank < 3; ++rank) EXPECT_EQ(test.EndPs(rank, 1), 6 * kUs);
  EXPECT_THROW(MakePermutationWorkload({1, 1}, 1), InputError);
  EXPECT_THROW(MakePermutationWorkload({0, 1}, 1), InputError);
  EXPECT_THROW(MakePermutationWorkload({1, 2}, 1), InputError);
  for (const uint32_t count : {2u, 3u, 16u, 1000u}) {
    const std::vector<uint32_t> permutation = RandomPermutation(count, 1);
    EXPECT_EQ(permutation, RandomPermutation(count, 1));
    EXPECT_NO_THROW(MakePermutationWorkload(permutation, 1)) << count;
    if (count > 3) {
      EXPECT_NE(permutation, RandomPermutation(count, 2));
    }
  }
}

TEST(Workload, SharesReachTheNetwork) {
  GraphNode there = AllReduce(0, 8000), back = AllReduce(1, 8000, {0});
  there.collective = back.collective = CollectiveType::kAllToAll;
  there.shares = {{3, 1}, false};
  back.shares = {{3, 1}, true};
  const Workload workload = MakeWorkload(2, {{{0}, {there, back}}, {{1}, {there, back}}});
  TestReplay test(workload);
  test.Run();
  // A byte takes a nanosecond; a rank is done when its message has left and the other's has come.
  EXPECT_EQ(test.EndPs(0, 0), 6000 * 1000 + kUs);
  EXPECT_EQ(test.EndPs(1, 0), 6000 * 1000u);
  EXPECT_EQ(test.EndPs(0, 1) - test.EndPs(0, 0), 6000 * 1000u);
  // The graph keeps each kind of shares once.
  const ClassGraph& graph = workload.GraphOf(0);
  EXPECT_EQ(*graph.SharesOf(graph.CommunicationOf(0)), there.shares);
  EXPECT_EQ(*graph.SharesOf(graph.CommunicationOf(1)), back.shares);
  there.shares.weights = {3, 1, 1};
  const Workload wrong = MakeWorkload(2, {{{0, 1}, {there}}});
  EXPECT_ERROR(TestReplay(wrong).Run(), "shares of 3 members in a group of 2");
}

}  // namespace
}  // namespace ddlsim
