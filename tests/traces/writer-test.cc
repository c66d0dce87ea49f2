// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "tests/traces/random-graph.h"
#include "tests/traces/test-support.h"

namespace ddlsim {
namespace {

TraceSetWriter::Options OptionsOf(const std::string& folder, uint32_t rank_count = 2) {
  TraceSetWriter::Options options;
  options.folder = folder;
  options.rank_count = rank_count;
  options.axes = {{"dp", {{0, 1}}}};
  return options;
}

// What of a std::logic_error, or "no error".
std::string BugOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Writer, SameCallsSameBytes) {
  const TemporaryFolder folder;
  RandomGraph random(TestSeed(161803));
  for (int round = 0; round < 10; ++round) {
    const RandomGraph::Set set = random.TraceSetOf(12);
    RandomGraph::Write(set, folder / "a");
    RandomGraph::Write(set, folder / "b");
    const std::vector<std::string> files = ListFolder(folder / "a");
    ASSERT_EQ(files, ListFolder(folder / "b"));  // the second round writes over the first
    ASSERT_EQ(files.size(), set.class_ranks.size() + 1);
    for (const std::string& file : files) {
      EXPECT_EQ(ReadFile(folder / ("a/" + file)), ReadFile(folder / ("b/" + file))) << file;
    }
  }
}

TEST(Writer, NothingIsLeftWithoutFinish) {
  const TemporaryFolder folder;
  {
    TraceSetWriter writer(OptionsOf(folder / "set"));
    writer.BeginClass({0, 1});
    writer.Add(ComputeNode(0, 1));
    EXPECT_EQ(ListFolder(folder / "set"),
              (std::vector<std::string>{"class-0.et.part", "manifest.json.part"}));
  }
  EXPECT_TRUE(ListFolder(folder / "set").empty());
}

TEST(Writer, RefusesFoldersThatCannotBeWritten) {
  const TemporaryFolder folder;
  WriteFile(folder / "file", "");
  const std::string error = ErrorOf([&] { TraceSetWriter writer(OptionsOf(folder / "file/set")); });
  EXPECT_EQ(error.find(folder / "file/set" + ": cannot be created as a folder"), 0u) << error;
}

TEST(Writer, RefusesNodesOutOfOrder) {
  const TemporaryFolder folder;
  TraceSetWriter writer(OptionsOf(folder / "set"));
  EXPECT_EQ(BugOf([&] { writer.Add(ComputeNode(0, 1)); }),
            "a trace node before the first rank class");
  EXPECT_EQ(BugOf([&] { writer.BeginClass({}); }), "a rank class has no ranks");
  writer.BeginClass({0, 1});
  EXPECT_EQ(BugOf([&] { writer.Add(ComputeNode(3, 1, {2})); }),
            "trace node 3: depends on a node that was not added before it");
  writer.Add(ComputeNode(4, 1));
  EXPECT_EQ(BugOf([&] { writer.Add(ComputeNode(4, 1)); }), "trace node 4: its id was added before");
  EXPECT_EQ(BugOf([&] { writer.Add(CollectiveNode(5, CollectiveType::kBarrier, 0, "tp")); }),
            "trace node 5: its group is no axis");
}

TEST(Writer, RefusesValuesThatNoReaderTakes) {
  const TemporaryFolder folder;
  TraceSetWriter writer(OptionsOf(folder / "set"));
  writer.BeginClass({0, 1});
  uint64_t id = 0;
  const auto bug = [&](const std::function<void(GraphNode&)>& change) {
    GraphNode node = ComputeNode(id++, 1);
    change(node);
    return BugOf([&] { writer.Add(node); }) != "no error";
  };
  EXPECT_TRUE(bug([](GraphNode& node) { node.duration_ns = kDurationMaxNs + 1; }));
  EXPECT_TRUE(bug([](GraphNode& node) { node.operations = kOperationsMax + 1; }));
  EXPECT_TRUE(bug([](GraphNode& node) { node.memory_bytes = kSizeMaxBytes + 1; }));
  EXPECT_TRUE(bug([](GraphNode& node) { node.name = "\xff"; }));
  EXPECT_TRUE(bug([](GraphNode& node) { node.operation_class = "\xc0\x80"; }));
  EXPECT_TRUE(bug([](GraphNode& node) { node.name = std::string((16 << 20) + 1, 'x'); }));
  EXPECT_FALSE(bug([](GraphNode& node) { node.duration_ns = kNoDuration; }));
}

TEST(Writer, FinishFindsWhatAReplayWouldTripOver) {
  const auto bug = [](const std::function<void(TraceSetWriter&)>& fill) {
    const TemporaryFolder folder;
    std::string text;
    {
      TraceSetWriter writer(OptionsOf(folder / "set"));
      fill(writer);
      text = BugOf([&] { writer.Finish(); });
    }
    EXPECT_EQ(ListFolder(folder / "set").empty(), text != "no error");
    return text;
  };
  EXPECT_EQ(bug([](TraceSetWriter& writer) { writer.BeginClass({0, 1}); }), "no error");
  EXPECT_EQ(
      bug([](TraceSetWriter& writer) { writer.BeginClass({0}); }),
      "the generated trace set is wrong: manifest.json: classes: rank 1 is in no class; generate "
      "the set again");
  EXPECT_NE(bug([](TraceSetWriter& writer) {
              writer.BeginClass({0, 1});
              writer.BeginClass({1});
            }).find("rank 1 stands twice"),
            std::string::npos);
  EXPECT_NE(bug([](TraceSetWriter& writer) {
              writer.BeginClass({0, 1});
              writer.SetDescription("{");
            }),
            "no error");
  EXPECT_NE(bug([](TraceSetWriter& writer) {
              writer.BeginClass({0});
              writer.Add(SendNode(0, 1, 8));
              writer.BeginClass({1});
            }).find("rank 0 sends 1 message(s) of 8 bytes with tag 0 that rank 1 does not receive"),
            std::string::npos);
  EXPECT_NE(bug([](TraceSetWriter& writer) {
              writer.BeginClass({0});
              writer.BeginClass({1});
              writer.Add(CollectiveNode(0, CollectiveType::kAllReduce, 8, "dp"));
            }).find("rank 0 issues no more but rank 1 issues all_reduce"),
            std::string::npos);
}

TEST(Writer, ASmallerSetLeavesNoFilesOfTheLargerOne) {
  const TemporaryFolder folder;
  for (const uint32_t class_count : {3u, 1u}) {
    TraceSetWriter writer(OptionsOf(folder / "set", 3));
    if (class_count == 1) writer.BeginClass({0, 1, 2});
    for (uint32_t i = 0; class_count == 3 && i < 3; ++i) writer.BeginClass({i});
    writer.Finish();
  }
  EXPECT_EQ(ListFolder(folder / "set"), (std::vector<std::string>{"class-0.et", "manifest.json"}));
}

// The promise of rank classes: the size of a set does not grow with data-parallel degree.
TEST(Writer, SizeDoesNotGrowWithDataParallelDegree) {
  const TemporaryFolder folder;
  std::vector<uint64_t> sizes;
  for (const uint32_t rank_count : {16u, 16384u}) {
    TraceSetWriter::Options options = OptionsOf(folder / "set", rank_count);
    std::vector<uint32_t> all(rank_count);
    for (uint32_t rank = 0; rank < rank_count; ++rank) all[rank] = rank;
    options.axes = {{"dp", {all}}};
    TraceSetWriter writer(std::move(options));
    writer.BeginClass(all);
    for (uint64_t id = 0; id < 100; ++id) {
      writer.Add(CollectiveNode(id, CollectiveType::kAllReduce, 8, "dp"));
    }
    writer.Finish();
    sizes.push_back(std::filesystem::file_size(folder / "set/class-0.et") +
                    std::filesystem::file_size(folder / "set/manifest.json"));
  }
  EXPECT_LE(sizes[1], sizes[0] + 32);  // the digits of the rank count
}

}  // namespace
}  // namespace ddlsim
