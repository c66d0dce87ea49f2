// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/traces/test-support.h"
#include "traces/import/layer-import.h"

namespace ddlsim {
namespace {

constexpr uint64_t kNs = 1000;  // picoseconds

const char* const kHybrid =
    "HYBRID_TRANSFORMER\tmodel_parallel_NPU_group: 2\n"
    "2\n"
    "embed\t-1\t30\tALLGATHER\t800\t3\tNONE\t0\t5\tNONE\t0\t10\n"
    "block\t-1\t40\tNONE\t0\t60\tALLREDUCE\t1600\t70\tALLREDUCE\t4000\t11\n";

class LayerImport : public testing::Test {
 protected:
  void Import(const std::string& text, const LayerImportOptions& changes, uint64_t unit_ps = kNs) {
    WriteFile(m_folder / "layers.txt", text);
    LayerImportOptions options = changes;
    options.folder = m_folder / "set";
    ImportLayers(ReadLayerTable(m_folder / "layers.txt", unit_ps), options);
  }
  std::string Error(const std::string& text, const LayerImportOptions& options) {
    const std::string error = ErrorOf([&] { Import(text, options); });
    EXPECT_FALSE(std::filesystem::exists(m_folder / "set"));
    EXPECT_EQ(error.find('\n'), std::string::npos);
    return error;
  }
  void ExpectError(const std::string& text, const std::string& part, uint32_t ranks = 8,
                   const std::string& policy = "") {
    LayerImportOptions options;
    options.rank_count = ranks;
    options.policy = policy;
    const std::string error = Error(text, options);
    EXPECT_NE(error.find(part), std::string::npos) << error;
  }

  TemporaryFolder m_folder;
};

LayerImportOptions Ranks(uint32_t count) {
  LayerImportOptions options;
  options.rank_count = count;
  return options;
}

std::map<std::string, GraphNode> ByName(const TraceSet& set) {
  std::map<std::string, GraphNode> nodes;
  for (const GraphNode& node : ReadNodes(set.classes.at(0).file)) nodes[node.name] = node;
  return nodes;
}

TEST_F(LayerImport, HybridTable) {
  Import(kHybrid, Ranks(8), 2 * kNs);
  const TraceSet set = OpenTraceSet(m_folder / "set");
  ValidateTraceSet(set);
  EXPECT_EQ(set.GroupOf("mp", 5), (std::vector<uint32_t>{4, 5}));
  EXPECT_EQ(set.GroupOf("dp", 5), (std::vector<uint32_t>{1, 3, 5, 7}));
  uint64_t compute_ns = 0;
  for (const auto& [name, node] : ByName(set)) {
    if (node.type == NodeType::kCompute) compute_ns += node.duration_ns;
  }
  EXPECT_EQ(compute_ns, 2u * (30 + 3 + 5 + 10 + 40 + 60 + 70 + 11));
  auto nodes = ByName(set);
  EXPECT_EQ(nodes.size(), 11u);
  const GraphNode& gather = nodes.at("iteration0/forward/all_gather/embed");
  EXPECT_EQ(gather.group, "mp");
  EXPECT_EQ(gather.size_bytes, 800u);
  // The next layer needs the gathered activations; the weight gradient's exchange holds up nothing
  // but the update.
  EXPECT_EQ(nodes.at("iteration0/forward/block").data_dependencies,
            std::vector<uint64_t>{gather.id});
  const GraphNode& exchange = nodes.at("iteration0/weight_gradient/all_reduce/block");
  EXPECT_EQ(exchange.group, "dp");
  EXPECT_EQ(nodes.at("iteration0/update/block").data_dependencies,
            std::vector<uint64_t>{exchange.id});
  const uint64_t inputs = nodes.at("iteration0/input_gradient/all_reduce/block").id;
  EXPECT_EQ(nodes.at("iteration0/input_gradient/embed").data_dependencies,
            std::vector<uint64_t>{inputs});
  for (const auto& [name, node] : nodes) {
    const auto& waits = node.data_dependencies;
    const bool waits_for_exchange = std::count(waits.begin(), waits.end(), exchange.id) != 0;
    EXPECT_EQ(waits_for_exchange, name == "iteration0/update/block") << name;
  }
}

TEST_F(LayerImport, IterationsWaitForTheUpdate) {
  LayerImportOptions options = Ranks(2);
  options.iterations = 2;
  Import(kHybrid, options);
  auto nodes = ByName(OpenTraceSet(m_folder / "set"));
  EXPECT_EQ(nodes.at("iteration1/forward/block").data_dependencies,
            (std::vector<uint64_t>{nodes.at("iteration1/forward/all_gather/embed").id,
                                   nodes.at("iteration0/update/block").id}));
}

TEST_F(LayerImport, GroupsByPolicy) {
  const std::string data = "DATA\n1\na -1 1 NONE 0 1 NONE 0 1 ALLREDUCE 64\n";
  Import(data, Ranks(4));
  TraceSet set = OpenTraceSet(m_folder / "set");
  ASSERT_EQ(set.axes.size(), 1u);
  EXPECT_EQ(set.GroupOf("dp", 0), (std::vector<uint32_t>{0, 1, 2, 3}));
  const std::string model = "MODEL\n1\na -1 1 ALLTOALL 64 1 ALLREDUCE 64 1 NONE 0\n";
  Import(model, Ranks(4));
  set = OpenTraceSet(m_folder / "set");
  ASSERT_EQ(set.axes.size(), 1u);
  EXPECT_EQ(set.GroupOf("mp", 0), (std::vector<uint32_t>{0, 1, 2, 3}));
  const std::string hybrid = "HYBRID_MODEL_DATA\n1\na -1 1 ALLREDUCE 64 1 NONE 0 1 ALLREDUCE 8\n";
  LayerImportOptions options = Ranks(6);
  options.model_ranks = 2;
  Import(hybrid, options);
  set = OpenTraceSet(m_folder / "set");
  EXPECT_EQ(set.GroupOf("dp", 4), (std::vector<uint32_t>{3, 4, 5}));
  EXPECT_EQ(set.GroupOf("mp", 4), (std::vector<uint32_t>{1, 4}));
  const std::string micro =
      "MICRO\n2\na -1 0 NONE 0 0 NONE 0 0 ALLREDUCE 64\nb -1 0 NONE 0 0 NONE 0 0 ALLTOALL 128\n";
  Import(micro, Ranks(4));
  const auto nodes = ReadNodes(OpenTraceSet(m_folder / "set").classes.at(0).file);
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[1].data_dependencies, std::vector<uint64_t>{0});
}

TEST_F(LayerImport, SharesBecomeSizes) {
  LayerImportOptions options = Ranks(8);
  options.comm_size_meaning = CommSizeMeaning::kPerRank;
  Import(kHybrid, options);
  auto nodes = ByName(OpenTraceSet(m_folder / "set"));
  EXPECT_EQ(nodes.at("iteration0/forward/all_gather/embed").size_bytes, 1600u);
  EXPECT_EQ(nodes.at("iteration0/weight_gradient/all_reduce/block").size_bytes, 4000u);
}

TEST_F(LayerImport, CsvIsTheSameAsTheTable) {
  LayerImportOptions options = Ranks(8);
  Import(kHybrid, options);
  const std::string table = ReadFile(m_folder / "set/class-0.et");
  options.policy = "HYBRID_TRANSFORMER";
  options.model_ranks = 2;
  Import(
      "# by hand\n"
      "name,forward_us,forward_communication,forward_communication_bytes,input_gradient_ns,"
      "input_gradient_communication,input_gradient_communication_bytes,weight_gradient_ns,"
      "weight_gradient_communication,weight_gradient_communication_bytes,update_ns\r\n"
      "embed, 0.03, all_gather, 800, 3, , , 5, none, 0, 10\n"
      "block, 0.04, none, 0, 60, all_reduce, 1600, 70, all_reduce, 4000, 11\n",
      options, 0);
  EXPECT_EQ(ReadFile(m_folder / "set/class-0.et"), table);
}

TEST_F(LayerImport, WrongTables) {
  const std::string layer = "a -1 1 NONE 0 1 NONE 0 1 ALLREDUCE 64\n";
  ExpectError("", "ends before the parallelism policy");
  ExpectError("DATA\n", "ends before the number of layers");
  ExpectError("DATA\nx\n", "'x' is not a whole number");
  ExpectError("DATA\n1048577\n", "is out of range");
  ExpectError("DATA\n99999999999999999999\n", "is not a whole number");
  ExpectError("DATA\n2\n" + layer, "ends before layer 2 of 2");
  ExpectError("DATA\n1\n" + layer + layer, "layers.txt:4: is one layer more than the 1");
  ExpectError("DATA\n1\na -1 1 NONE 0\n", "layers.txt:3: has 5 columns");
  ExpectError("DATA\n1\na -1 -1 NONE 0 1 NONE 0 1 NONE 0\n", "'-1' is no time");
  ExpectError("DATA\n1\na -1 1e99 NONE 0 1 NONE 0 1 NONE 0\n", "'1e99' is no time");
  ExpectError("DATA\n1\na -1 1 NONE 0 1 NONE 0 1 ALLREDUCE 1125899906842625\n", "is out of range");
  ExpectError("DATA\n1\na -1 1 NONE 0 1 NONE 0 1 SHUFFLE 64\n", "'SHUFFLE' is unknown");
  ExpectError("DATA\n1\na -1 1 NONE 7 1 NONE 0 1 NONE 0\n", "has a size of 7 bytes without");
  ExpectError("DATA\n1\na -1 1 NONE 0 1 NONE 0 1 ALLREDUCE 0\n", "a communication of no bytes");
  ExpectError("DATUM\n1\n" + layer, "the policy 'DATUM' is unknown; did you mean 'DATA'?");
  ExpectError("HYBRID_DLRM 3\n1\n" + layer, "followed by '3', which is unknown");
  ExpectError("DATA\n1\na -1 1 ALLREDUCE 8 1 NONE 0 1 NONE 0\n", "has a forward communication");
  ExpectError("MODEL\n1\n" + layer,
              "has a communication of weight gradients, which the policy MODEL");
  ExpectError("MICRO\n1\n" + layer, "has computing time, which the policy MICRO has not");
  ExpectError("HYBRID_DATA_MODEL\n1\n" + layer, "--model-ranks: is missing");
  ExpectError(kHybrid, "7 is no multiple of the 2 ranks", 7);
  ExpectError(kHybrid, "2 does not go with the policy MODEL", 8, "MODEL");
}

TEST_F(LayerImport, WrongCsv) {
  const std::string header = "name,forward_us,input_gradient_us,weight_gradient_us";
  ExpectError("name,forward_us,input_gradient_us\n", "has no column weight_gradient_us", 8, "DATA");
  ExpectError(header + ",colour\na,1,1,1,red\n", "column 'colour' is unknown", 8, "DATA");
  ExpectError(header + ",forward_ns\n", "column 'forward_ns' stands twice", 8, "DATA");
  ExpectError(header + "\n", "has no layers", 8, "DATA");
  ExpectError(header + "\na,1,1\n", "layers.txt:2: has 3 cells, the header 4", 8, "DATA");
  ExpectError(header + "\na,1,x,1\n", "'x' is no time", 8, "DATA");
  ExpectError(header + "\n,1,1,1\n", "has no name", 8, "DATA");
  ExpectError(header + "\na,1,1,1\n", "states no parallelism policy");
}

}  // namespace
}  // namespace ddlsim
