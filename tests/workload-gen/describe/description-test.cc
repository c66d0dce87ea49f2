// SPDX-License-Identifier: MIT
//
// What `ddl-workload describe` finds, against the workload that made the traces and against the
// same traces with a file for every rank.
#include "workload-gen/describe/description.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "../memory/plans.h"
#include "traces/trace-export.h"
#include "workload-gen/program/workload-writer.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

class DescriptionTest : public testing::Test {
 protected:
  void SetUp() override {
    m_folder = fs::path(testing::TempDir()) /
               ("describe-" + std::to_string(getpid()) +
                testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(m_folder);
  }
  void TearDown() override { fs::remove_all(m_folder); }

  std::string Written(const std::vector<std::string>& words) const {
    std::string folder = (m_folder / "set").string();
    WriteWorkload(Planned(words), folder);
    return folder;
  }

  static std::string Read(const fs::path& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  fs::path m_folder;
};

const std::vector<std::string> kPlan = {"--model=gpt2", "--dp=2",           "--tp=2",   "--pp=3",
                                        "--zero=1",     "--microbatches=6", "--batch=6"};

std::map<std::pair<std::string, std::string>, uint64_t> BytesOfAllRanks(
    const NodeSource& source, const Description& description) {
  std::map<std::pair<std::string, std::string>, uint64_t> bytes;
  for (size_t i = 0; i < description.tables.size(); ++i) {
    for (const auto& [key, totals] : description.tables[i].exchanges) {
      bytes[key] += source.set.classes[i].ranks.size() * totals.size_bytes;
    }
  }
  return bytes;
}

TEST_F(DescriptionTest, OfOneRankTheCriticalPathIsItsComputation) {
  for (const char* dp : {"--dp=1", "--dp=8"}) {
    const NodeSource source = PlannedNodeSource(TypedOptions({"--model=gpt2", dp}));
    const Description description = Describe(source);
    EXPECT_EQ(description.critical_path_ns, CountWorkload(*source.workload)[0].compute_ns);
    EXPECT_EQ(description.critical_path_ns, description.tables[0].DurationNs());
  }
}

TEST_F(DescriptionTest, SharesOfThePathAddUpToIt) {
  const Description description = Describe(PlannedNodeSource(TypedOptions(kPlan)));
  uint64_t sum = 0;
  for (const PathShare& share : description.critical_path) sum += share.duration_ns;
  EXPECT_EQ(sum, description.critical_path_ns);
  EXPECT_GE(description.critical_messages, 4u);  // forward and backward through three stages
  for (const ClassTables& tables : description.tables) {
    EXPECT_LE(tables.DurationNs(), description.critical_path_ns);
  }
}

// The bubble of 1f1b: p - 1 of m + p - 1. Embedding and loss make the first and the last stage a
// little longer than the others.
TEST_F(DescriptionTest, TheBubbleIsItsFormula) {
  const double p = 4, m = 8;
  const Description description = Describe(PlannedNodeSource(
      TypedOptions({"--model=gpt3-175b", "--tp=8", "--pp=4", "--microbatches=8"})));
  double busy_ns = 0, end_ns = 0;
  for (const PassSpan& span : description.passes) {
    if (span.pass.kind == 'O') continue;
    end_ns = std::max(end_ns, static_cast<double>(span.end_ns));
    if (span.stage == 1) busy_ns += static_cast<double>(span.end_ns - span.begin_ns);
  }
  EXPECT_NEAR(1 - busy_ns / end_ns, (p - 1) / (m + p - 1), 0.01);
}

// The text and all tables of a written set are those of its options.
TEST_F(DescriptionTest, AWrittenSetIsWhatItsOptionsSay) {
  const NodeSource planned = PlannedNodeSource(TypedOptions(kPlan));
  const NodeSource opened = OpenNodeSource(Written(kPlan), {});
  ASSERT_TRUE(opened.workload) << opened.workload_note;
  const Description a = Describe(planned), b = Describe(opened);
  WriteDescription(planned, a, (m_folder / "a").string());
  WriteDescription(opened, b, (m_folder / "b").string());
  int files = 0;
  for (const auto& file : fs::directory_iterator(m_folder / "a")) {
    EXPECT_EQ(Read(file.path()), Read(m_folder / "b" / file.path().filename()));
    ++files;
  }
  EXPECT_EQ(files, 7);
  std::string text = DescriptionText(opened, b, 120);
  const std::string name = opened.set.path;
  text.replace(text.find(name), name.size(), "not written");
  EXPECT_EQ(text, DescriptionText(planned, a, 120));
}

// A class's rank stands for all of them: exact, since a file per rank gives the same.
TEST_F(DescriptionTest, ClassesGiveWhatAFilePerRankGives) {
  for (const char* schedule : {"--schedule=1f1b", "--schedule=zero-bubble"}) {
    std::vector<std::string> words = kPlan;
    words.emplace_back(schedule);
    const NodeSource own = OpenNodeSource(Written(words), {});
    ExportOptions options;
    options.folder = (m_folder / "other").string();
    options.name = "trace";
    ExportTraceSet(own.set, options);
    const NodeSource other = OpenNodeSource(options.folder, {});
    EXPECT_FALSE(other.workload);
    const Description a = Describe(own), b = Describe(other);
    EXPECT_EQ(a.critical_path_ns, b.critical_path_ns);
    EXPECT_EQ(b.tables.size(), 12u);
    uint64_t own_bytes = 0, other_bytes = 0;
    for (const auto& [key, bytes] : BytesOfAllRanks(own, a)) own_bytes += bytes;
    for (const auto& [key, bytes] : BytesOfAllRanks(other, b)) other_bytes += bytes;
    EXPECT_EQ(own_bytes, other_bytes);
    const std::string text = DescriptionText(other, b, 120);
    EXPECT_NE(text.find("not known: the plan, the memory and the passes"), std::string::npos);
    EXPECT_EQ(text.find("memory of one GPU"), std::string::npos);
    fs::remove_all(options.folder);
  }
}

TEST_F(DescriptionTest, BytesAreTheGenerators) {
  const NodeSource source = PlannedNodeSource(TypedOptions(kPlan));
  const Description description = Describe(source);
  const std::vector<IterationTotals> totals = CountWorkload(*source.workload);
  for (size_t stage = 0; stage < totals.size(); ++stage) {
    std::map<std::string, uint64_t> bytes;
    uint64_t sent = 0;
    for (const auto& [key, exchange] : description.tables[stage].exchanges) {
      if (key.second == "send") {
        sent += exchange.size_bytes;
      } else if (key.second != "receive") {
        bytes[key.first] += exchange.size_bytes;
      }
    }
    EXPECT_EQ(bytes, totals[stage].collective_bytes);
    EXPECT_EQ(sent, totals[stage].send_bytes);
  }
}

// The curve has the peak that the verdict states, and ends where it began.
TEST_F(DescriptionTest, MemoryOverTimeHasThePeak) {
  for (uint32_t seed = 100; seed < 112; ++seed) {
    const std::vector<std::string> words = RandomPlan(seed);
    const Description description = Describe(PlannedNodeSource(TypedOptions(words)));
    std::map<uint32_t, int64_t> peaks;
    std::map<uint32_t, uint64_t> last_ns;
    std::map<uint32_t, MemoryUse> first, last;
    for (const MemoryMoment& moment : description.memory_course) {
      peaks[moment.stage] = std::max(peaks[moment.stage], moment.use.Total());
      EXPECT_GE(moment.time_ns, last_ns[moment.stage]);
      last_ns[moment.stage] = moment.time_ns;
      first.try_emplace(moment.stage, moment.use);
      last[moment.stage] = moment.use;
    }
    ASSERT_EQ(peaks.size(), description.memory->stages.size());
    for (const auto& [stage, peak] : peaks) {
      EXPECT_EQ(peak, description.memory->stages[stage].peak.Total());
      EXPECT_EQ(first[stage].bytes, last[stage].bytes);
    }
  }
}

// Every pass of the schedule is found in the graph, with as many kernels as the memory model runs.
TEST_F(DescriptionTest, PassesAreThoseOfTheSchedule) {
  for (uint32_t seed = 200; seed < 212; ++seed) {
    const std::vector<std::string> words = RandomPlan(seed);
    const Workload workload = Planned(words);
    const Description description = Describe(PlannedNodeSource(TypedOptions(words)));
    const MemoryModel model = MemoryOf(workload);
    for (uint32_t stage = 0; stage < model.StageCount(); ++stage) {
      std::vector<const PassSpan*> own;
      for (const PassSpan& span : description.passes) {
        if (span.stage == stage && span.pass.kind != 'O') own.push_back(&span);
      }
      const std::vector<PassStep> order = StageOrder(workload.plan.pipeline, stage);
      ASSERT_EQ(own.size(), order.size());
      std::map<size_t, size_t> kernels;
      model.Walk(stage, [&](size_t step, size_t, const MemoryUse&) { ++kernels[step]; });
      for (size_t step = 0; step < order.size(); ++step) {
        EXPECT_EQ(own[step]->pass.micro_batch, order[step].micro_batch);
        EXPECT_EQ(own[step]->kernel_begin_ns.size(), kernels[step]);
      }
    }
  }
}

// Ranks of a class whose peers differ: what is found is what a file for every rank shows.
TEST_F(DescriptionTest, ClassesOfUnequalPeersAreSplit) {
  const std::vector<std::vector<std::string>> plans = {
      {"--model=gpt2", "--dp=4", "--pp=3", "--microbatches=3", "--batch=3", "--speed=5:0.5"},
      {"--model=gpt2", "--dp=3", "--tp=2", "--pp=2", "--microbatches=2", "--batch=2",
       "--gpu=h100,a100-80gb:7"},
      {"--model=qwen1.5-moe-a2.7b", "--sequence-length=128", "--dp=4", "--tp=2", "--ep=4",
       "--pp=12", "--etp=1", "--microbatches=2", "--batch=2", "--expert-imbalance=2"}};
  for (const std::vector<std::string>& words : plans) {
    const NodeSource split = OpenNodeSource(Written(words), {});
    EXPECT_GT(split.set.classes.size(), OpenTraceSet((m_folder / "set").string()).classes.size());
    const Description description = Describe(split);
    ExportOptions options;
    options.folder = (m_folder / "files").string();
    ExportTraceSet(OpenTraceSet((m_folder / "set").string()), options);
    const Description each = Describe(OpenNodeSource(options.folder, {}));
    EXPECT_EQ(description.critical_path_ns, each.critical_path_ns);
    EXPECT_EQ(description.critical_path_ns,
              Describe(PlannedNodeSource(TypedOptions(words))).critical_path_ns);
    // A slow rank or a full one is what the others wait for.
    uint64_t longest_ns = 0;
    for (const ClassTables& tables : description.tables) {
      longest_ns = std::max(longest_ns, tables.DurationNs());
    }
    EXPECT_GE(description.critical_path_ns, longest_ns);
    fs::remove_all(m_folder / "set");
    fs::remove_all(m_folder / "files");
  }
}

TEST_F(DescriptionTest, ASetThatThisVersionMakesOtherwiseIsNotExplained) {
  const std::string folder = Written(kPlan);
  std::string manifest = Read(fs::path(folder) / "manifest.json");
  const std::string from = "--microbatches=6", to = "--microbatches=3";
  manifest.replace(manifest.find(from), from.size(), to);
  std::ofstream(fs::path(folder) / "manifest.json") << manifest;
  const NodeSource source = OpenNodeSource(folder, {});
  EXPECT_FALSE(source.workload);
  EXPECT_NE(source.workload_note.find("makes another one"), std::string::npos);
}

}  // namespace
}  // namespace ddlsim
