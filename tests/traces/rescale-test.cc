// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/traces/test-support.h"
#include "traces/import/layer-import.h"
#include "traces/rescale/trace-rescale.h"
#include "traces/trace-export.h"

namespace ddlsim {
namespace {

// A pipeline of `stages` with tensor parallelism of 2 and `copies` data-parallel copies, ranks in
// the order tp, dp, pp, or tp, pp, dp where `stages_inside`.
void WritePipeline(const std::string& folder, uint32_t copies, bool stages_inside) {
  constexpr uint32_t kTp = 2, kStages = 3;
  TraceSetWriter::Options options;
  options.folder = folder;
  options.rank_count = kTp * kStages * copies;
  options.axes = {{"tp", {}}, {"pp", {}}, {"dp", {}}, {"dp_pp", {}}};
  const auto rank_of = [&](uint32_t tp, uint32_t stage, uint32_t copy) {
    return stages_inside ? tp + kTp * (stage + kStages * copy) : tp + kTp * (copy + copies * stage);
  };
  std::vector<std::vector<uint32_t>> class_ranks(kStages);
  for (uint32_t rank = 0; rank < options.rank_count; ++rank) {
    const uint32_t outer = rank / kTp;
    class_ranks[stages_inside ? outer % kStages : outer / copies].push_back(rank);
  }
  const auto add = [&](size_t axis, auto&& member, uint32_t count) {
    options.axes[axis].groups.emplace_back();
    for (uint32_t i = 0; i < count; ++i) options.axes[axis].groups.back().push_back(member(i));
    std::sort(options.axes[axis].groups.back().begin(), options.axes[axis].groups.back().end());
  };
  for (uint32_t copy = 0; copy < copies; ++copy) {
    for (uint32_t stage = 0; stage < kStages; ++stage) {
      add(
          0, [&](uint32_t tp) { return rank_of(tp, stage, copy); }, kTp);
    }
    for (uint32_t tp = 0; tp < kTp; ++tp) {
      add(
          1, [&](uint32_t stage) { return rank_of(tp, stage, copy); }, kStages);
    }
  }
  for (uint32_t tp = 0; tp < kTp; ++tp) {
    for (uint32_t stage = 0; stage < kStages; ++stage) {
      add(
          2, [&](uint32_t copy) { return rank_of(tp, stage, copy); }, copies);
    }
    add(
        3, [&](uint32_t i) { return rank_of(tp, i % kStages, i / kStages); }, copies * kStages);
  }
  for (GroupAxis& axis : options.axes) std::sort(axis.groups.begin(), axis.groups.end());
  TraceSetWriter writer(options);
  for (uint32_t stage = 0; stage < kStages; ++stage) {
    writer.BeginClass(class_ranks[stage]);
    writer.Add(ComputeNode(0, 100 + stage));
    GraphNode message = SendNode(1, 0, 4096, 5);
    message.peer_is_relative = true;
    message.group = "pp";
    message.peer_offset = 1;
    if (stage + 1 < kStages) writer.Add(message);
    message.id = 2;
    message.type = NodeType::kReceive;
    message.peer_offset = -1;
    if (stage > 0) writer.Add(message);
    writer.Add(CollectiveNode(3, CollectiveType::kAllGather, 64, "tp"));
    writer.Add(CollectiveNode(4, CollectiveType::kReduceScatter, 4800, "dp"));
    writer.Add(CollectiveNode(5, CollectiveType::kAllReduce, 8, "dp_pp"));
    writer.Add(CollectiveNode(6, CollectiveType::kBarrier, 0));
    GraphNode shared = CollectiveNode(7, CollectiveType::kAllToAll, 64, "tp");
    shared.shares = {{5, 3}, stage == 1};
    writer.Add(shared);
  }
  writer.Finish();
}

RescaleReport Rescale(const std::string& in, const std::string& out, uint32_t copies,
                      const ClassingOptions& classing = {}) {
  RescaleOptions options;
  options.folder = out;
  options.copies = copies;
  options.classing = classing;
  return RescaleTraceSet(OpenTraceSet(in), options);
}

void ExpectSameSet(const std::string& a, const std::string& b) {
  const TraceSet one = OpenTraceSet(a), other = OpenTraceSet(b);
  ASSERT_EQ(one.rank_count, other.rank_count);
  ASSERT_EQ(one.classes.size(), other.classes.size());
  for (size_t i = 0; i < one.classes.size(); ++i) {
    EXPECT_EQ(one.classes[i].ranks, other.classes[i].ranks);
    const auto nodes = ReadNodes(one.classes[i].file), others = ReadNodes(other.classes[i].file);
    ASSERT_EQ(nodes.size(), others.size());
    for (size_t k = 0; k < nodes.size(); ++k) EXPECT_EQ(Describe(nodes[k]), Describe(others[k]));
  }
  ASSERT_EQ(one.axes.size(), other.axes.size());
  for (size_t i = 0; i < one.axes.size(); ++i) {
    EXPECT_EQ(one.axes[i].name, other.axes[i].name);
    EXPECT_EQ(one.axes[i].groups, other.axes[i].groups) << one.axes[i].name;
  }
}

TEST(Rescale, EqualsTheSetOfThatDegree) {
  const TemporaryFolder folder;
  int number = 0;
  for (const bool stages_inside : {false, true}) {
    for (const uint32_t copies : {2, 3, 8}) {
      for (const uint32_t target : {2, 5, 8}) {
        const std::string base = folder / std::to_string(number++);
        WritePipeline(base + "in", copies, stages_inside);
        WritePipeline(base + "expected", target, stages_inside);
        const RescaleReport report = Rescale(base + "in", base + "out", target);
        EXPECT_EQ(report.copies_before, copies);
        EXPECT_EQ(report.rank_count, 6 * target);
        EXPECT_TRUE(report.has_sharded_states);
        ExpectSameSet(base + "out", base + "expected");
      }
    }
  }
}

TEST(Rescale, LayerTables) {
  const TemporaryFolder folder;
  WriteFile(folder / "t", "HYBRID_MODEL_DATA\n1\na -1 1 ALLREDUCE 64 1 NONE 0 1 ALLREDUCE 8\n");
  LayerImportOptions options;
  options.model_ranks = 3;
  for (const uint32_t copies : {4, 7}) {
    options.folder = folder / std::to_string(copies);
    options.rank_count = 3 * copies;
    ImportLayers(ReadLayerTable(folder / "t", 1000), options);
  }
  EXPECT_FALSE(Rescale(folder / "4", folder / "out", 7).has_sharded_states);
  ExpectSameSet(folder / "out", folder / "7");
}

// One file per rank, as other tools have it: the same resolved work as the set of that degree.
TEST(Rescale, SetsOfOtherTools) {
  const TemporaryFolder folder;
  for (const bool stages_inside : {false, true}) {
    const std::string base = folder / (stages_inside ? "a" : "b");
    WritePipeline(base + "in", 3, stages_inside);
    WritePipeline(base + "expected", 5, stages_inside);
    ExportOptions out;
    out.folder = base + "files";
    ExportTraceSet(OpenTraceSet(base + "in"), out);
    const TraceSet files = OpenTraceSet(base + "files");
    ClassingOptions classing;
    const TraceSet in = OpenTraceSet(base + "in");
    // The export numbers groups axis by axis: tp has 9, pp 6, then come the six of dp.
    for (int i = 16; i < 22; ++i) classing.data_groups.push_back(std::to_string(i));
    Rescale(base + "files", base + "out", 5, classing);
    const TraceSet moved = OpenTraceSet(base + "out"), expected = OpenTraceSet(base + "expected");
    ASSERT_EQ(moved.rank_count, expected.rank_count);
    for (uint32_t rank = 0; rank < moved.rank_count; ++rank) {
      const auto resolved = [rank](const TraceSet& set) {
        std::vector<std::string> lines;
        for (const RankClass& each : set.classes) {
          if (std::find(each.ranks.begin(), each.ranks.end(), rank) == each.ranks.end()) continue;
          for (GraphNode node : ReadNodes(each.file)) {
            std::string line;
            if (node.type == NodeType::kCollective) {
              for (uint32_t member : set.GroupOf(node.group, rank))
                line += std::to_string(member) + " ";
            } else if (node.peer_is_relative) {
              line = "peer " + std::to_string(set.PeerOf(node, rank)) + " ";
            }
            node.group.clear();
            node.peer_offset = 0;
            lines.push_back(line + Describe(node));
          }
        }
        return lines;
      };
      EXPECT_EQ(resolved(moved), resolved(expected)) << rank;
    }
  }
}

class RescaleRefusals : public testing::Test {
 protected:
  void Expect(const std::string& part, const ClassingOptions& classing = {}, uint32_t copies = 4) {
    const std::string error =
        ErrorOf([&] { Rescale(m_folder / "in", m_folder / "out", copies, classing); });
    EXPECT_NE(error.find(part), std::string::npos) << error;
    EXPECT_FALSE(std::filesystem::exists(m_folder / "out"));
  }
  // Two copies of a model of one rank that differ as `change` says.
  void WriteRanks(const std::function<void(GraphNode&)>& change) {
    std::filesystem::create_directory(m_folder / "in");
    std::vector<std::vector<GraphNode>> ranks(
        2, {ComputeNode(0, 10), CollectiveNode(1, CollectiveType::kAllReduce, 64)});
    change(ranks[1][0]);
    WriteForeignSet(m_folder / "in", "t", ranks);
  }
  // A set of ours of two ranks and one node beside a computation.
  void WriteOwn(const std::vector<std::vector<uint32_t>>& groups, const GraphNode& node,
                bool is_one_class = true) {
    TraceSetWriter::Options options;
    options.folder = m_folder / "in";
    for (const auto& group : groups) options.rank_count += static_cast<uint32_t>(group.size());
    options.axes = {{"dp", groups}};
    TraceSetWriter writer(options);
    std::vector<uint32_t> ranks;
    for (uint32_t rank = 0; rank < options.rank_count; ++rank) ranks.push_back(rank);
    if (is_one_class) {
      writer.BeginClass(ranks);
      writer.Add(node);
    } else {
      for (uint32_t rank : ranks) {
        writer.BeginClass({rank});
        writer.Add(node);
      }
    }
    writer.Finish();
  }
  TemporaryFolder m_folder;
};

TEST_F(RescaleRefusals, RanksThatDiffer) {
  WriteRanks([](GraphNode& node) { node.duration_ns = 11; });
  Expect("ranks 0 and 1 differ in the duration of node 0");
  ClassingOptions classing;
  classing.ignore_durations = true;
  Rescale(m_folder / "in", m_folder / "moved", 4, classing);
  EXPECT_EQ(ReadNodes(m_folder / "moved/class-0.et").at(0).duration_ns, 10u);
  WriteRanks([](GraphNode& node) { node.name = "other"; });
  Expect("differ in the name of node 0", classing);
  classing.data_groups = {"none"};
  Expect("--dp-groups: the set has no group 'none'", classing);
}

TEST_F(RescaleRefusals, Axes) {
  const GraphNode all_reduce = CollectiveNode(0, CollectiveType::kAllReduce, 64, "dp");
  WriteOwn({{0}, {1}}, all_reduce);
  Expect("has groups of one rank");
  WriteOwn({{0, 1}, {2, 3, 4}}, all_reduce);
  Expect("does not divide all ranks into ascending groups of one size");
  WriteOwn({{1, 0}, {3, 2}}, all_reduce);
  Expect("does not divide all ranks into ascending");
  WriteOwn({{0, 3}, {1, 2}}, all_reduce);
  Expect("is no grid");
  WriteOwn({{0, 1}, {2, 3}}, all_reduce, false);
  Expect("rank 1 does other work than rank 0");
  ClassingOptions classing;
  classing.data_axis = "tp";
  Expect("has no axis 'tp'", classing);
  classing.data_axis = "dp";
  classing.ignore_durations = true;
  Expect("--ignore-durations: does not go with a set that has a manifest.json", classing);
  Expect("--dp: makes more than 1048576 ranks", {}, kRankCountMax);
}

TEST_F(RescaleRefusals, OperationsAcrossCopies) {
  GraphNode node = CollectiveNode(0, CollectiveType::kBroadcast, 64, "dp");
  node.root = 1;
  WriteOwn({{0, 1}}, node);
  Expect("broadcast has a root beside the first rank");
  WriteOwn({{0, 1}}, CollectiveNode(0, CollectiveType::kGather, 64, "dp"));
  Expect("gather across copies of the model");
  GraphNode shared = CollectiveNode(0, CollectiveType::kAllToAll, 64, "dp");
  shared.shares.weights = {3, 1};
  WriteOwn({{0, 1}}, shared);
  Expect("shares by rank, of ranks whose number changes");
  WriteOwn({{0, 1}, {2, 3}}, CollectiveNode(0, CollectiveType::kAllGather, 64));
  Expect("all_gather among more than data-parallel ranks");
  std::filesystem::create_directory(m_folder / "files");
  WriteForeignSet(m_folder / "files", "t", {{SendNode(0, 1, 64)}, {ReceiveNode(0, 0, 64)}});
  EXPECT_NE(ErrorOf([&] {
              Rescale(m_folder / "files", m_folder / "out", 4);
            }).find("differ in the type of node 0"),
            std::string::npos);
}

}  // namespace
}  // namespace ddlsim
