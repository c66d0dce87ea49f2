// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/traces/random-graph.h"
#include "tests/traces/test-support.h"
#include "traces/node-encoder.h"
#include "traces/trace-reader.h"

namespace ddlsim {
namespace {

TEST(RoundTrip, EveryFieldOfRandomNodesPlainAndGzip) {
  const TemporaryFolder folder;
  RandomGraph random(TestSeed(20240601));
  for (int round = 0; round < 30; ++round) {
    std::vector<GraphNode> nodes;
    std::vector<uint64_t> ids;
    std::string bytes;
    AppendMetadata(random.Coin() ? CommSizeMeaning::kTotal : CommSizeMeaning::kPerRank, bytes);
    for (uint64_t count = random.Below(200); count > 0; --count) {
      const uint64_t id = random.Coin() ? random.Magnitude(UINT64_MAX - 1) : nodes.size();
      nodes.push_back(random.Node(id, ids));
      ids.push_back(id);
      AppendNode(nodes.back(), random.Coin() ? std::optional(3u) : std::nullopt, bytes);
    }
    WriteFile(folder / "plain.et", bytes);
    WriteFile(folder / "gzip.et", Gzip(bytes));
    for (const char* file : {"plain.et", "gzip.et"}) {
      const std::vector<GraphNode> read = ReadNodes(folder / file);
      ASSERT_EQ(read.size(), nodes.size()) << file;
      for (size_t i = 0; i < nodes.size(); ++i) ASSERT_EQ(Describe(read[i]), Describe(nodes[i]));
    }
  }
}

// An independent reader of the same schema: the generated parser takes what the encoder writes.
TEST(RoundTrip, GeneratedParserTakesEveryRecord) {
  RandomGraph random(TestSeed(77));
  for (int round = 0; round < 2000; ++round) {
    const GraphNode node = random.Node(random.Below(1000), {1, 2, 3});
    std::string record;
    AppendNode(node, 0, record);
    size_t header = 1;
    while ((record[header - 1] & 0x80) != 0) ++header;
    wire::TraceNode parsed;
    ASSERT_TRUE(parsed.ParseFromString(record.substr(header)));
    EXPECT_EQ(parsed.id(), node.id);
    EXPECT_EQ(parsed.name(), node.name);
    EXPECT_EQ(static_cast<size_t>(parsed.control_dependencies_size()),
              node.control_dependencies.size());
    EXPECT_EQ(Record(parsed.SerializeAsString()), record);
  }
}

TEST(RoundTrip, GzipOfSeveralMembersIsOneStream) {
  const TemporaryFolder folder;
  std::string bytes = MetadataRecord();
  std::string second;
  AppendNode(ComputeNode(4, 5), std::nullopt, second);
  const std::string empty_member = Gzip("");
  WriteFile(folder / "a.et", Gzip(bytes) + empty_member + Gzip(second) + empty_member);
  const std::vector<GraphNode> nodes = ReadNodes(folder / "a.et");
  ASSERT_EQ(nodes.size(), 1u);
  EXPECT_EQ(nodes[0].id, 4u);
}

TEST(RoundTrip, RandomSetsComeBackValidAndUnchanged) {
  RandomGraph random(TestSeed(4711));
  for (int round = 0; round < 40; ++round) {
    const TemporaryFolder folder;
    const RandomGraph::Set set = random.TraceSetOf(1 + static_cast<uint32_t>(random.Below(24)));
    RandomGraph::Write(set, folder / "set");
    const TraceSet opened = OpenTraceSet(folder / "set");
    EXPECT_TRUE(opened.has_manifest);
    EXPECT_EQ(opened.rank_count, set.options.rank_count);
    EXPECT_EQ(opened.seed, set.options.seed);
    EXPECT_EQ(opened.generator_command, set.options.generator_command);
    EXPECT_EQ(opened.description_json, "{\"model\":\"random\",\"nested\":{\"list\":[1,2.5,null]}}");
    ASSERT_EQ(opened.axes.size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(opened.axes[i].name, set.options.axes[i].name);
      EXPECT_EQ(opened.axes[i].groups, set.options.axes[i].groups);
    }
    uint64_t node_count = 0;
    ASSERT_EQ(opened.classes.size(), set.class_ranks.size());
    for (size_t i = 0; i < opened.classes.size(); ++i) {
      EXPECT_EQ(opened.classes[i].ranks, set.class_ranks[i]);
      const std::vector<GraphNode> nodes = ReadNodes(opened.classes[i].file);
      ASSERT_EQ(nodes.size(), set.class_nodes[i].size());
      node_count += nodes.size();
      for (size_t k = 0; k < nodes.size(); ++k) {
        ASSERT_EQ(Describe(nodes[k]), Describe(set.class_nodes[i][k]));
      }
    }
    const ValidationReport report = ValidateTraceSet(opened);
    EXPECT_EQ(report.nodes, node_count);
    EXPECT_TRUE(report.is_topological);
  }
}

}  // namespace
}  // namespace ddlsim
