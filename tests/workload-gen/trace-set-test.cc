// SPDX-License-Identifier: MIT
//
// Generated sets as the reader sees them, and that the same options give the same bytes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "traces/trace-reader.h"
#include "traces/trace-set.h"
#include "workload-gen/plan/workload.h"
#include "workload-gen/program/program.h"
#include "workload-gen/program/workload-writer.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

class TraceSetOutput : public testing::Test {
 protected:
  void SetUp() override {
    m_folder = fs::path(testing::TempDir()) /
               ("workload-" + std::to_string(getpid()) +
                std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(m_folder);
  }
  void TearDown() override { fs::remove_all(m_folder); }

  static int Run(const std::vector<std::string>& arguments, std::string* text = nullptr) {
    std::ostringstream out, errors;
    const int status = RunWorkloadProgram(arguments, out, errors);
    if (text != nullptr) *text = out.str();
    EXPECT_EQ(errors.str(), "");
    return status;
  }

  static std::string Bytes(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  fs::path m_folder;
};

TEST_F(TraceSetOutput, IsValidAndHasOneClassForAllRanks) {
  for (const char* model : {"gpt2", "resnet50", "bert-base"}) {
    const fs::path folder = m_folder / model;
    ASSERT_EQ(Run({std::string("--model=") + model, "--dp", "16", "--out=" + folder.string()}), 0);
    const TraceSet set = OpenTraceSet(folder.string());
    EXPECT_TRUE(set.has_manifest);
    EXPECT_EQ(set.rank_count, 16u);
    ASSERT_EQ(set.classes.size(), 1u);
    EXPECT_EQ(set.classes[0].ranks.size(), 16u);
    ASSERT_EQ(set.axes.size(), 1u);
    EXPECT_EQ(set.axes[0].name, "dp");
    EXPECT_EQ(set.GroupOf("dp", 7).size(), 16u);
    const ValidationReport report = ValidateTraceSet(set);
    EXPECT_GT(report.compute_nodes, 100u);
    EXPECT_LT(report.nodes, 600u) << "traces stay small";
  }
}

TEST_F(TraceSetOutput, IsValidForEveryFamily) {
  for (const char* model : {"mixtral-8x7b", "deepseek-v2-lite", "t5-small", "vit-b-16", "vgg11",
                            "dlrm-kaggle", "lstm-medium", "mlp"}) {
    for (const char* recompute : {"none", "full"}) {
      const fs::path folder = m_folder / model / recompute;
      ASSERT_EQ(Run({std::string("--model=") + model, "--dp=4", "--out=" + folder.string(),
                     std::string("--recompute=") + recompute}),
                0);
      const TraceSet set = OpenTraceSet(folder.string());
      const ValidationReport report = ValidateTraceSet(set);
      EXPECT_GT(report.compute_nodes, 10u) << model;
    }
  }
}

TEST_F(TraceSetOutput, NamesTheConfigFileThatItCameFrom) {
  WorkloadOptions options;
  options.hf_config = "some/config.json";
  EXPECT_EQ(CanonicalCommand(options).rfind("ddl-workload --hf-config=some/config.json --gpu", 0),
            0u);
}

TEST_F(TraceSetOutput, ReadsBackAsGenerated) {
  WorkloadOptions options;
  options.model = "gpt2";
  options.parallelism.data = 4;
  options.iterations = 2;
  const Workload workload = PlanWorkload(options);
  WriteWorkload(workload, m_folder.string());
  std::vector<GraphNode> expected;
  EmitTrainingGraph(workload.plan, 0, [&](const GraphNode& node) { expected.push_back(node); });
  TraceReader reader(OpenTraceSet(m_folder.string()).classes[0].file);
  GraphNode node;
  size_t count = 0;
  while (reader.Next(node)) {
    ASSERT_LT(count, expected.size());
    const GraphNode& want = expected[count++];
    EXPECT_EQ(node.id, want.id);
    EXPECT_EQ(node.name, want.name);
    EXPECT_EQ(node.type, want.type);
    EXPECT_EQ(node.control_dependencies, want.control_dependencies);
    EXPECT_EQ(node.data_dependencies, want.data_dependencies);
    EXPECT_EQ(node.group, want.group);
    EXPECT_EQ(node.size_bytes, want.size_bytes);
    EXPECT_EQ(node.operation_class, want.operation_class);
    if (want.type == NodeType::kCompute) {
      EXPECT_EQ(node.duration_ns, want.duration_ns);
      EXPECT_EQ(node.operations, want.operations);
      EXPECT_EQ(node.memory_bytes, want.memory_bytes);
    }
  }
  EXPECT_EQ(count, expected.size());
}

TEST_F(TraceSetOutput, TwoRunsGiveTheSameBytes) {
  const std::vector<std::string> options = {"--model=gpt2", "--dp=16", "--iterations=2"};
  for (const char* run : {"a", "b"}) {
    std::vector<std::string> arguments = options;
    arguments.push_back("--out=" + (m_folder / run).string());
    ASSERT_EQ(Run(arguments), 0);
  }
  // By its alias, with every default written out, and in another order: the same set.
  ASSERT_EQ(Run({"--out=" + (m_folder / "c").string(), "--iterations=2", "--gpu=h100", "--batch=8",
                 "--sequence-length=1024", "--precision=bf16", "--gradient-precision=fp32",
                 "--bucket-size=25MiB", "--first-bucket-size=1MiB", "--seed=1", "--tp=1",
                 "--recompute=none", "--dp=16", "--model=gpt2-small"}),
            0);
  for (const char* file : {"manifest.json", "class-0.et"}) {
    EXPECT_EQ(Bytes(m_folder / "a" / file), Bytes(m_folder / "b" / file)) << file;
    EXPECT_EQ(Bytes(m_folder / "a" / file), Bytes(m_folder / "c" / file)) << file;
  }
}

TEST_F(TraceSetOutput, SizeDoesNotGrowWithTheRanks) {
  ASSERT_EQ(Run({"--model=gpt2", "--dp=16", "--out=" + (m_folder / "few").string()}), 0);
  ASSERT_EQ(Run({"--model=gpt2", "--dp=65536", "--out=" + (m_folder / "many").string()}), 0);
  EXPECT_EQ(Bytes(m_folder / "few" / "class-0.et"), Bytes(m_folder / "many" / "class-0.et"));
  EXPECT_LT(fs::file_size(m_folder / "many" / "manifest.json"),
            fs::file_size(m_folder / "few" / "manifest.json") + 100);
}

TEST_F(TraceSetOutput, SummaryStatesTheMainNumbers) {
  std::string text;
  ASSERT_EQ(Run({"--model=gpt2", "--dp=16", "--dry-run"}, &text), 0);
  for (const char* part : {"124,439,808 parameters", "16 ranks", "13 collectives", "h100",
                           "474.7 MiB", "not written"}) {
    EXPECT_NE(text.find(part), text.npos) << part << " in\n" << text;
  }
  EXPECT_EQ(text.find("could not run"), text.npos);
  ASSERT_EQ(Run({"--model=gpt3-175b", "--dry-run"}, &text), 0);
  EXPECT_NE(text.find("could not run as is"), text.npos);
  ASSERT_EQ(Run({"--list-models"}, &text), 0);
  EXPECT_NE(text.find("llama3-405b"), text.npos);
  EXPECT_NE(text.find("405,853,388,800"), text.npos);
  ASSERT_EQ(Run({"--list-gpus"}, &text), 0);
  EXPECT_NE(text.find("mi300x"), text.npos);
  ASSERT_EQ(Run({"--help"}, &text), 0);
  EXPECT_NE(text.find("--bucket-size"), text.npos);
}

}  // namespace
}  // namespace ddlsim
