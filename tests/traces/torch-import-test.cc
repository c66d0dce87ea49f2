// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/traces/test-support.h"
#include "tests/traces/torch-files.h"
#include "traces/import/torch-import.h"

namespace ddlsim {
namespace {

using Json = nlohmann::json;

Json AllReduceAttributes(const std::string& group = "0") {
  return {{"collective_name", "allreduce"},
          {"dtype", "Float"},
          {"in_msg_nelems", 256},
          {"out_msg_nelems", 256},
          {"in_split_size", "[]"},
          {"out_split_size", "[]"},
          {"pg_name", group},
          {"pg_desc", "default_pg"}};
}

// Two products on stream 7, an all-reduce of the first one's result on stream 20, an update after
// it.
TorchFiles Training(
    const std::string& groups = R"([{"pg_name": "0", "ranks": [], "group_size": 2}])") {
  TorchFiles files;
  if (!groups.empty()) files.ProcessGroups(groups);
  const Json a = TorchFiles::Tensor(1, 256), b = TorchFiles::Tensor(2, 256);
  const uint64_t first = files.Operator("aten::mm", 10, 5, Json::array({a}), Json::array({b}));
  files.Kernel("gemm_a", first, 12, "40.000", "10.125");
  const uint64_t reduce =
      files.Operator("c10d::allreduce_", 20, 9, Json::array({Json::array({b}), "<Object>"}), {});
  const uint64_t record =
      files.Operator("record_param_comms", 21, 7, Json::array({Json::array({b}), 1}), {}, reduce,
                     AllReduceAttributes());
  files.Kernel("ncclDevKernel_AllReduce_Sum_f32_RING_LL(ncclDevKernelArgsStorage<4096ul>)", record,
               23, "51", "800", 20);
  const uint64_t second =
      files.Operator("aten::mm", 30, 5, Json::array({a}), Json::array({TorchFiles::Tensor(3, 8)}));
  files.Kernel("gemm_b", second, 32, "52", "7");
  const uint64_t update = files.Operator("aten::add_", 40, 5, Json::array({b}), Json::array({b}));
  files.Kernel("add", update, 42, "900", "2.5");
  return files;
}

class TorchImport : public testing::Test {
 protected:
  TorchImportReport Import(const std::vector<TorchFiles>& ranks) {
    TorchImportOptions options = m_options;
    for (uint32_t rank = 0; rank < ranks.size(); ++rank) {
      ranks[rank].Write(m_folder.Path(), rank);
      options.graph_files.push_back(m_folder / ("graph." + std::to_string(rank) + ".json"));
      options.kineto_files.push_back(m_folder / ("kineto." + std::to_string(rank) + ".json"));
    }
    options.folder = m_folder / "set";
    return ImportTorch(options);
  }
  std::string Error(const std::vector<TorchFiles>& ranks) {
    const std::string error = ErrorOf([&] { Import(ranks); });
    if (error != "no error") {
      EXPECT_FALSE(std::filesystem::exists(m_folder / "set"));
      EXPECT_EQ(error.find('\n'), std::string::npos);
    }
    return error;
  }
  void ExpectError(const TorchFiles& rank, const std::string& part) {
    const std::string error = Error({rank});
    EXPECT_NE(error.find(part), std::string::npos) << error;
  }

  TemporaryFolder m_folder;
  TorchImportOptions m_options;
};

TEST_F(TorchImport, KernelsStreamsAndCollectivesOfNewerVersions) {
  const TorchImportReport report = Import({Training(), Training()});
  EXPECT_TRUE(report.has_gpu_work);
  EXPECT_EQ(report.computations, 6u);
  EXPECT_EQ(report.communications, 2u);
  EXPECT_EQ(report.compute_ns, 2 * (10125u + 7000u + 2500u));
  const TraceSet set = OpenTraceSet(m_folder / "set");
  ValidateTraceSet(set);
  const std::vector<GraphNode> nodes = ReadNodes(set.classes.at(1).file);
  ASSERT_EQ(nodes.size(), 4u);
  EXPECT_EQ(nodes[0].name, "gemm_a");
  EXPECT_EQ(nodes[0].duration_ns, 10125u);
  EXPECT_EQ(nodes[1].type, NodeType::kCollective);
  EXPECT_EQ(nodes[1].collective, CollectiveType::kAllReduce);
  EXPECT_EQ(nodes[1].size_bytes, 1024u);
  EXPECT_EQ(nodes[1].group, "");  // all ranks
  EXPECT_EQ(nodes[1].data_dependencies, std::vector<uint64_t>{0});
  // The second product runs beside the all-reduce; the update waits for it.
  EXPECT_EQ(nodes[2].name, "gemm_b");
  EXPECT_EQ(nodes[2].control_dependencies, std::vector<uint64_t>{0});
  EXPECT_TRUE(nodes[2].data_dependencies.empty());
  EXPECT_EQ(nodes[3].control_dependencies, std::vector<uint64_t>{2});
  EXPECT_EQ(nodes[3].data_dependencies, std::vector<uint64_t>{1});
}

TEST_F(TorchImport, ProcessGroups) {
  const std::string groups =
      R"([{"pg_name": "0", "ranks": [0, 2]}, {"pg_name": "1", "ranks": [1, 3]}])";
  std::vector<TorchFiles> ranks;
  for (uint32_t rank = 0; rank < 4; ++rank) {
    TorchFiles files = Training(groups);
    for (Json& node : files.graph["nodes"]) {
      for (Json& each : node["attrs"]) {
        if (each["name"] == "pg_name") each["value"] = rank % 2 == 0 ? "0" : "1";
      }
    }
    ranks.push_back(files);
  }
  Import(ranks);
  const TraceSet set = OpenTraceSet(m_folder / "set");
  ValidateTraceSet(set);
  EXPECT_EQ(set.GroupOf("1", 3), (std::vector<uint32_t>{1, 3}));
  EXPECT_EQ(ReadNodes(set.classes.at(3).file).at(1).group, "1");
}

TEST_F(TorchImport, GroupsThatAreNotRecorded) {
  std::vector<TorchFiles> ranks(2, Training(""));
  EXPECT_NE(Error(ranks).find("process group '0', whose ranks are not recorded"),
            std::string::npos);
  for (TorchFiles& files : ranks) {
    for (Json& node : files.graph["nodes"]) {
      for (Json& each : node["attrs"]) {
        if (each["name"] == "pg_name") each["value"] = "";
      }
    }
  }
  EXPECT_NE(Error(ranks).find("--one-group takes"), std::string::npos);
  m_options.one_group = true;
  EXPECT_EQ(Error(ranks), "no error");
}

TEST_F(TorchImport, HostTimeIsWhatCalleesLeave) {
  TorchFiles files;
  const uint64_t linear = files.Operator("aten::linear", 10, 20, Json::array(), Json::array());
  const uint64_t addmm =
      files.Operator("aten::addmm", 12, 15, Json::array(), Json::array(), linear);
  files.Operator("aten::copy_", 13, 4, Json::array(), Json::array(), addmm);
  files.Operator("aten::relu", 40, 6, Json::array(), Json::array());
  const TorchImportReport report = Import({files});
  EXPECT_FALSE(report.has_gpu_work);
  EXPECT_EQ(report.compute_ns, 26000u);
  const std::vector<GraphNode> nodes = ReadNodes(OpenTraceSet(m_folder / "set").classes[0].file);
  std::vector<std::pair<std::string, uint64_t>> times;
  for (const GraphNode& node : nodes) times.emplace_back(node.name, node.duration_ns);
  EXPECT_EQ(times, (std::vector<std::pair<std::string, uint64_t>>{{"aten::copy_", 4000},
                                                                  {"aten::addmm", 11000},
                                                                  {"aten::linear", 5000},
                                                                  {"aten::relu", 6000}}));
  for (size_t i = 1; i < nodes.size(); ++i) {
    EXPECT_EQ(nodes[i].control_dependencies, std::vector<uint64_t>{i - 1});
  }
}

TEST_F(TorchImport, UnknownContentIsRefusedOrNamed) {
  TorchFiles kernel = Training();
  kernel.graph["nodes"][2]["inputs"]["values"][0] = R"([{"pg_name": "0", "ranks": []}])";
  TorchFiles orphan = kernel;
  orphan.Kernel("lonely", 9999, 33, "70", "3");
  orphan.trace["traceEvents"][orphan.trace["traceEvents"].size() - 2]["ts"] = 37;  // in no operator
  ExpectError(orphan, "'lonely' on GPU 0 stream 7 belongs to no operator of the graph");
  TorchFiles category = kernel;
  category.Kernel("strange", 3, 33, "70", "3", 7, "quantum_op");
  ExpectError(category, "events of the category 'quantum_op' are unknown");
  TorchFiles phase = kernel;
  phase.trace["traceEvents"][1]["ph"] = "B";
  ExpectError(phase, "unknown phase 'B'");
  m_options.allow_unknown = true;
  TorchImportReport report = Import({orphan});
  EXPECT_EQ(report.unknown_computations, 1u);
  EXPECT_EQ(report.compute_ns, 10125u + 7000u + 2500u + 3000u);
  report = Import({category});
  EXPECT_EQ(report.unknown_categories, std::vector<std::string>{"quantum_op"});
  EXPECT_EQ(report.compute_ns, 10125u + 7000u + 2500u + 3000u);
}

struct WrongCollective {
  const char* name;
  Json attributes;
  const char* error;
};

TEST_F(TorchImport, CommunicationsThatCannotBeExpressed) {
  const auto with = [](Json changes) {
    Json attributes = AllReduceAttributes();
    attributes.update(changes);
    return attributes;
  };
  const std::vector<WrongCollective> cases{
      {"record_param_comms", with({{"collective_name", "shuffle"}}), "is an unknown communication"},
      {"record_param_comms", with({{"dtype", "Quaternion"}}), "unknown type 'Quaternion'"},
      {"record_param_comms", with({{"in_msg_nelems", uint64_t{1} << 62}}),
       "larger than 2^50 bytes"},
      {"record_param_comms", with({{"in_msg_nelems", "many"}}), "has no in_msg_nelems"},
      {"record_param_comms",
       with({{"collective_name", "all_to_allv"}, {"in_split_size", "[1, 2]"}}),
       "shares of unequal sizes"},
      {"c10d::recv_any_source_", Json::object(), "is an unknown communication"},
      {"c10d::monitored_barrier_", Json::object(), "is an unknown communication"},
      {"gloo:all_gather", Json::object(), "which of its tensors are outputs"},
  };
  m_options.one_group = true;
  for (const WrongCollective& each : cases) {
    TorchFiles files;
    files.ProcessGroups(R"([{"pg_name": "0", "ranks": []}])");
    files.Operator(each.name, 10, 5, Json::array({TorchFiles::Tensor(1, 4)}), Json::array(),
                   TorchFiles::kThread, each.attributes);
    ExpectError(files, each.error);
  }
}

TEST_F(TorchImport, StepsBeforeAndAfterTheGraphAreLeftOutAndCounted) {
  TorchFiles files = Training(R"([{"pg_name": "0", "ranks": []}])");
  const Json event = files.trace["traceEvents"][1];
  for (const uint64_t start_us : {1, 5000}) {
    Json outside = event;
    outside["ts"] = start_us;
    outside["args"] = {{"External id", 9000 + start_us}, {"Record function id", 9000 + start_us}};
    files.trace["traceEvents"].push_back(outside);
    files.Kernel("gemm", 8500 + start_us, start_us, "6000", "10");
  }
  const TorchImportReport report = Import({files});
  EXPECT_EQ(report.events_outside, 4u);
  EXPECT_EQ(report.compute_ns, 10125u + 7000u + 2500u);
}

TEST_F(TorchImport, KernelsWithoutExternalIdGoByTheirLaunch) {
  TorchFiles files = Training(R"([{"pg_name": "0", "ranks": []}])");
  for (Json& event : files.trace["traceEvents"]) {
    if (event.value("cat", "") == "kernel") event["args"].erase("External id");
  }
  EXPECT_EQ(Import({files}).communications, 1u);
  const std::vector<GraphNode> nodes = ReadNodes(OpenTraceSet(m_folder / "set").classes[0].file);
  ASSERT_EQ(nodes.size(), 4u);
  EXPECT_EQ(nodes[1].size_bytes, 1024u);
  EXPECT_EQ(nodes[3].data_dependencies, std::vector<uint64_t>{1});
}

TEST_F(TorchImport, FilesThatDoNotBelongTogether) {
  TorchFiles names = Training();
  names.graph["nodes"][3]["name"] = "aten::bmm";
  ExpectError(names, "operator 4 'aten::bmm' is called 'aten::mm' here");
  TorchFiles missing = Training();
  missing.trace["traceEvents"].erase(1);
  ExpectError(missing, "operator 4 'aten::mm' has no event");
  TorchFiles extra = Training();
  extra.graph["nodes"].erase(6);
  ExpectError(extra, "is not in the graph");
  TorchFiles rank = Training();
  rank.trace["distributedInfo"] = {{"rank", 3}};
  ExpectError(rank, "says that it is of rank 3, but it is named as rank 0");
  ExpectError(Training(), "has 2 ranks, but there are 1");
  TorchFiles other = Training();
  for (Json& node : other.graph["nodes"]) {
    for (Json& each : node["attrs"]) {
      if (each["name"] == "in_msg_nelems") each["value"] = 128;
    }
  }
  EXPECT_NE(Error({Training(), other}).find("no valid set comes of it"), std::string::npos);
}

TEST_F(TorchImport, HostileGraphs) {
  const auto node = [](TorchFiles& files) -> Json& { return files.graph["nodes"][3]; };
  TorchFiles files = Training();
  node(files)["id"] = 1;
  ExpectError(files, "node 1 stands twice");
  files = Training();
  node(files)["ctrl_deps"] = 6;  // a cycle would need a parent that comes later
  ExpectError(files, "node 4 has the parent 6, which is no node before it");
  files = Training();
  node(files)["ctrl_deps"] = 4000;
  ExpectError(files, "has the parent 4000");
  files = Training();
  node(files)["id"] = -1;
  ExpectError(files, "'id' is no whole number");
  files = Training();
  node(files).erase("attrs");
  ExpectError(files, "'attrs' is missing");
  files = Training();
  files.graph["schema"] = "9.9";
  ExpectError(files, "schema '9.9' is unknown");
  files = Training();
  files.graph["nodes"] = Json::array();
  ExpectError(files, "holds no execution graph");
  files = Training(R"([{"pg_name": "0", "ranks": [0, 4294967296]}])");
  ExpectError(files, "has a rank that is no rank number");
  files = Training("[1");
  ExpectError(files, "holds no list of process groups");
  files = Training();
  files.trace["traceEvents"][1]["dur"] = -1;
  ExpectError(files, "'dur' is no time");
  files = Training();
  files.trace["traceEvents"][1]["ts"] = "1e300";
  ExpectError(files, "'ts' is no time");
  files = Training();
  files.trace["traceEvents"][4]["args"]["Record function id"] = 104;
  ExpectError(files, "record function id 104 stands twice");
}

TEST(FilesByRank, ListsAndPatterns) {
  const TemporaryFolder folder;
  for (const char* name : {"t.0.json", "t.1.json", "t.10.json", "t.x.json", "u.0.json"}) {
    WriteFile(folder / name, "");
  }
  EXPECT_EQ(FilesByRank("--pytorch", "b,a"), (std::vector<std::string>{"b", "a"}));
  EXPECT_NE(
      ErrorOf([&] { FilesByRank("--pytorch", folder / "t.*.json"); }).find("no file of rank 2"),
      std::string::npos);
  std::filesystem::remove(folder / "t.10.json");
  EXPECT_EQ(FilesByRank("--pytorch", folder / "t.*.json"),
            (std::vector<std::string>{folder / "t.0.json", folder / "t.1.json"}));
  WriteFile(folder / "t.01.json", "");
  EXPECT_NE(ErrorOf([&] { FilesByRank("--pytorch", folder / "t.*.json"); }).find("have the rank 1"),
            std::string::npos);
  for (const char* wrong : {"", "a,,b", "no/such.*", "*/a", "a.*.*"}) {
    EXPECT_EQ(ErrorOf([&] { FilesByRank("--pytorch", wrong); }).rfind("--pytorch: ", 0), 0u)
        << wrong;
  }
}

}  // namespace
}  // namespace ddlsim
