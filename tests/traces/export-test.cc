// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/traces/random-graph.h"
#include "tests/traces/test-support.h"
#include "traces/trace-export.h"

namespace ddlsim {
namespace {

// What a rank does, with everything resolved: the same before and after an export.
std::vector<std::string> Resolved(const TraceSet& set, uint32_t rank) {
  for (const RankClass& each : set.classes) {
    if (std::find(each.ranks.begin(), each.ranks.end(), rank) == each.ranks.end()) continue;
    std::vector<std::string> lines;
    for (GraphNode node : ReadNodes(each.file)) {
      std::string line;
      if (node.type == NodeType::kCollective) {
        const std::vector<uint32_t> group = set.GroupOf(node.group, rank);
        node.size_bytes = set.SizeBytes(node, group.size());
        for (uint32_t member : group) line += std::to_string(member) + " ";
        node.group.clear();
      } else if (node.peer_is_relative) {
        node.peer_rank = set.PeerOf(node, rank);
        node.peer_is_relative = false;
        node.peer_offset = 0;
        node.group.clear();
      }
      lines.push_back(line + Describe(node));
    }
    return lines;
  }
  return {"no class"};
}

TEST(Export, ReadsBackAsTheSameWork) {
  RandomGraph random(TestSeed(55));
  for (int round = 0; round < 30; ++round) {
    const TemporaryFolder folder;
    RandomGraph::Write(random.TraceSetOf(1 + static_cast<uint32_t>(random.Below(12))),
                       folder / "set");
    const TraceSet set = OpenTraceSet(folder / "set");
    ExportOptions options;
    options.folder = folder / "out";
    ExportTraceSet(set, options);
    const TraceSet exported = OpenTraceSet(folder / "out/trace");
    EXPECT_FALSE(exported.has_manifest);
    ASSERT_EQ(exported.rank_count, set.rank_count);
    ValidateTraceSet(exported);
    for (uint32_t rank = 0; rank < set.rank_count; ++rank) {
      ASSERT_EQ(Resolved(exported, rank), Resolved(set, rank));
    }
    // And once more, from the exported set: names and bytes stay.
    options.folder = folder / "again";
    ExportTraceSet(exported, options);
    ASSERT_EQ(ListFolder(folder / "again"), ListFolder(folder / "out"));
    for (const std::string& file : ListFolder(folder / "out")) {
      EXPECT_EQ(ReadFile(folder / ("again/" + file)), ReadFile(folder / ("out/" + file)));
    }
  }
}

TEST(Export, CompressedFilesAndSharesComeBackToo) {
  RandomGraph random(TestSeed(56));
  for (int round = 0; round < 20; ++round) {
    const TemporaryFolder folder;
    RandomGraph::Set graph = random.TraceSetOf(1 + static_cast<uint32_t>(random.Below(8)));
    constexpr uint64_t kDivisible = 840;  // by every number of ranks here
    for (auto& nodes : graph.class_nodes) {
      for (GraphNode& node : nodes) node.size_bytes *= kDivisible;
    }
    RandomGraph::Write(graph, folder / "set");
    const TraceSet set = OpenTraceSet(folder / "set");
    ExportOptions options;
    options.folder = folder / "out";
    options.comm_size_meaning = random.Coin() ? CommSizeMeaning::kPerRank : CommSizeMeaning::kTotal;
    ExportTraceSet(set, options);
    for (uint32_t rank = 0; rank < set.rank_count; ++rank) {
      const std::string file = folder / ("out/trace." + std::to_string(rank) + ".et");
      WriteFile(file, Gzip(ReadFile(file)));
    }
    const TraceSet exported = OpenTraceSet(folder / "out/trace");
    EXPECT_EQ(exported.comm_size_meaning, options.comm_size_meaning);
    ValidateTraceSet(exported);
    for (uint32_t rank = 0; rank < set.rank_count; ++rank) {
      ASSERT_EQ(Resolved(exported, rank), Resolved(set, rank));
    }
  }
}

class ExportOfOneCollective : public testing::Test {
 protected:
  void Write(uint64_t size_bytes) {
    TraceSetWriter::Options options;
    options.folder = m_folder / "set";
    options.rank_count = 4;
    options.axes = {{"tp", {{0, 1}, {2, 3}}}};
    TraceSetWriter writer(options);
    writer.BeginClass({0, 1, 2, 3});
    writer.Add(CollectiveNode(0, CollectiveType::kAllGather, size_bytes, "tp"));
    writer.Add(CollectiveNode(1, CollectiveType::kAllReduce, size_bytes, "tp"));
    writer.Finish();
  }
  std::string Export(const std::string& name, CommSizeMeaning meaning) {
    ExportOptions options;
    options.folder = m_folder / "out";
    options.name = name;
    options.comm_size_meaning = meaning;
    return ErrorOf([&] { ExportTraceSet(OpenTraceSet(m_folder / "set"), options); });
  }

  TemporaryFolder m_folder;
};

TEST_F(ExportOfOneCollective, SizesAndGroups) {
  Write(1000);
  EXPECT_EQ(Export("a", CommSizeMeaning::kPerRank), "no error");
  const std::vector<GraphNode> nodes = ReadNodes(m_folder / "out/a.2.et");
  EXPECT_EQ(nodes.at(0).size_bytes, 500u);
  EXPECT_EQ(nodes.at(1).size_bytes, 1000u);
  EXPECT_EQ(nodes.at(0).group, "2");
  EXPECT_EQ(nlohmann::json::parse(ReadFile(m_folder / "out/a.json")),
            nlohmann::json::parse("{\"1\":[0,1],\"2\":[2,3]}"));
  // The files say what they mean, so reading them back needs no option.
  const TraceSet set = OpenTraceSet(m_folder / "out/a");
  EXPECT_EQ(set.comm_size_meaning, CommSizeMeaning::kPerRank);
  EXPECT_EQ(set.SizeBytes(nodes.at(0), 2), 1000u);
  EXPECT_EQ(ListFolder(m_folder / "out"),
            (std::vector<std::string>{"a.0.et", "a.1.et", "a.2.et", "a.3.et", "a.json"}));
}

TEST_F(ExportOfOneCollective, Refusals) {
  Write(1001);
  EXPECT_EQ(Export("a", CommSizeMeaning::kPerRank),
            m_folder / "set" +
                ": node 0: all_gather of 1001 bytes has no equal shares for 2 ranks; "
                "use --comm-size=total");
  EXPECT_EQ(ListFolder(m_folder.Path()), std::vector<std::string>{"set"});  // no empty folder
  for (const char* name : {"", "../a", "a/b", ".a", "a\n"}) {
    EXPECT_EQ(Export(name, CommSizeMeaning::kTotal).find("--name: '"), 0u) << name;
  }
  EXPECT_EQ(Export("a", CommSizeMeaning::kTotal), "no error");
  EXPECT_NE(Export("a", CommSizeMeaning::kTotal).find("is there already"), std::string::npos);
  EXPECT_EQ(Export("b", CommSizeMeaning::kTotal), "no error");
}

}  // namespace
}  // namespace ddlsim
