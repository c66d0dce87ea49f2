// SPDX-License-Identifier: MIT
//
// Experts that get more tokens than others: what each rank gets, computes, sends and holds.
#include "workload-gen/layers/expert-loads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "expert-load-plans.h"
#include "traces/member-shares.h"
#include "traces/trace-set.h"
#include "workload-gen/describe/description.h"
#include "workload-gen/memory/workload-memory.h"
#include "workload-gen/plan/member-classes.h"
#include "workload-gen/plan/workload.h"
#include "workload-gen/program/workload-writer.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

// Every file of a set with its bytes.
std::map<std::string, std::string> Contents(const fs::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    contents[entry.path().filename().string()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return contents;
}

TEST(ExpertLoads, RowsAddUpAndEqualWeightsGetTheSame) {
  const ExpertLoads loads({{}, {4, 1, 1, 1}, {7, 7, 7, 7}, {0, 0, 5, 0}});
  EXPECT_TRUE(loads.ReceivedRows(0, 100).empty());
  EXPECT_EQ(loads.ReceivedRows(1, 700), (std::vector<uint64_t>{400, 100, 100, 100}));
  EXPECT_EQ(loads.ReceivedRows(1, 706), (std::vector<uint64_t>{403, 101, 101, 101}));
  EXPECT_EQ(loads.ReceivedRows(1, 1), (std::vector<uint64_t>{1, 0, 0, 0}));
  // With few rows halves rounded up would be more than there are.
  const ExpertLoads many({{11, 10, 10, 10, 10, 10, 10}});
  for (uint64_t total = 0; total < 100; ++total) {
    const std::vector<uint64_t> rows = many.ReceivedRows(0, total);
    EXPECT_EQ(rows.empty(), total % 7 == 0) << "all the same";
    if (rows.empty()) continue;
    EXPECT_EQ(std::accumulate(rows.begin(), rows.end(), uint64_t{0}), total);
  }
  EXPECT_TRUE(loads.ReceivedRows(2, 100).empty());
  EXPECT_EQ(loads.ReceivedRows(3, 9), (std::vector<uint64_t>{0, 0, 9, 0}));
  EXPECT_TRUE(loads.ReceivedRows(-1, 9).empty());
  EXPECT_DOUBLE_EQ(loads.LargestRatio(), 4);
  EXPECT_FALSE(loads.AreEqual());
  EXPECT_TRUE(ExpertLoads({{}, {3, 3}}).AreEqual());
}

TEST(ExpertLoads, OneMemberOfEachBlockIsHotAsFarAsAsked) {
  for (const uint64_t hot_ppm : {1000100u, 1500000u, 2000000u, 8000000u}) {
    const ExpertLoads loads = HotMemberLoads(hot_ppm, 8, 3, 67, 1);
    std::set<size_t> hot;
    for (int block = 0; block < 67; ++block) {
      const std::vector<uint64_t> rows = loads.ReceivedRows(block, 8000000);
      if (block < 3) {
        EXPECT_TRUE(rows.empty());
        continue;
      }
      const auto most = std::max_element(rows.begin(), rows.end());
      hot.insert(static_cast<size_t>(most - rows.begin()));
      EXPECT_EQ(std::accumulate(rows.begin(), rows.end(), uint64_t{0}), 8000000u);
      // Rounding takes half a row from each other member at most, or gives it.
      EXPECT_NEAR(static_cast<double>(*most), static_cast<double>(hot_ppm), 3.5);
      EXPECT_EQ(std::set<uint64_t>(rows.begin(), rows.end()).size(), 2u);
    }
    // Drawn for each block: of 64 draws none misses all members but a few.
    EXPECT_EQ(hot.size(), 8u);
  }
  const auto draws = [](uint64_t seed) {
    const ExpertLoads loads = HotMemberLoads(2000000, 8, 0, 16, seed);
    std::vector<std::vector<uint64_t>> all;
    for (int block = 0; block < 16; ++block) all.push_back(loads.ReceivedRows(block, 800));
    return all;
  };
  EXPECT_EQ(draws(1), draws(1));
  EXPECT_NE(draws(1), draws(2));
}

TEST_F(ExpertLoadPlans, EqualLoadsMakeTheSameBytesAsNoOption) {
  const std::vector<std::string> plan = {"--dp=8", "--ep=4", "--pp=2", "--microbatches=2",
                                         "--batch=2"};
  WriteWorkload(Planned(plan), (m_folder / "none").string());
  const auto with = [&plan](const std::string& word) {
    std::vector<std::string> words = plan;
    words.push_back(word);
    return words;
  };
  WriteWorkload(Planned(with("--expert-imbalance=1")), (m_folder / "one").string());
  EXPECT_EQ(Contents(m_folder / "one"), Contents(m_folder / "none"));
  std::string rows = "expert,share\n";
  for (int expert = 0; expert < 16; ++expert) rows += std::to_string(expert) + ",0.0625\n";
  const Workload equal = Planned(with(File(rows)));
  WriteWorkload(equal, (m_folder / "file").string());
  auto file = Contents(m_folder / "file"), none = Contents(m_folder / "none");
  file.erase("manifest.json");  // has the command
  none.erase("manifest.json");
  EXPECT_EQ(file, none);
  EXPECT_NO_THROW(PlannedClasses(equal));
  EXPECT_EQ(MemberClasses(equal, 0).size(), 1u);
}

TEST_F(ExpertLoadPlans, ClassesAreFew) {
  // 4 blocks with experts on 8 members: one hot member each, all others are alike.
  const Workload whole = Planned({"--dp=16", "--ep=8", "--expert-imbalance=2"});
  const std::vector<PlannedClass> classes = PlannedClasses(whole);
  EXPECT_LE(classes.size(), 5u);
  EXPECT_GE(classes.size(), 2u);
  size_t ranks = 0;
  for (const PlannedClass& each : classes) {
    ranks += each.ranks.size();
    // Both groups of 8 do the same.
    for (uint32_t rank : each.ranks) {
      EXPECT_EQ(std::count(each.ranks.begin(), each.ranks.end(), (rank + 8) % 16), 1);
    }
  }
  EXPECT_EQ(ranks, 16u);
  // Without a block with experts, one class.
  const Workload staged = Planned({"--dp=8", "--ep=8", "--pp=5", "--expert-imbalance=2"});
  EXPECT_EQ(MemberClasses(staged, 0).size(), 1u);
  for (uint32_t stage = 1; stage < 5; ++stage) {
    EXPECT_EQ(MemberClasses(staged, stage).size(), 2u);
  }
}

struct Sums {
  uint64_t operations = 0, matrix_operations = 0;
  uint64_t pair_bytes = 0;   // of all all_to_alls, over all pairs
  double largest_ratio = 1;  // of what a member sends or receives, over the mean
  double rounding = 0;       // half a row of each other member, in that unit
};

Sums SumsOf(const Workload& workload) {
  Sums sums;
  const uint64_t members = workload.options.parallelism.expert;
  for (const PlannedClass& each : PlannedClasses(workload)) {
    const uint64_t ranks = each.ranks.size();
    const IterationTotals totals = each.Emit([&](const GraphNode& node) {
      if (node.type != NodeType::kCollective || node.group != "ep") return;
      std::vector<uint64_t> parts = {node.size_bytes};
      if (!node.shares.IsEmpty()) {
        EXPECT_EQ(node.shares.weights.size(), members);
        parts = CutByShares(node.size_bytes, node.shares.weights);
        const uint64_t most = *std::max_element(parts.begin(), parts.end());
        sums.largest_ratio = std::max(sums.largest_ratio, static_cast<double>(members * most) /
                                                              static_cast<double>(node.size_bytes));
      }
      const double mean_rows = static_cast<double>(node.size_bytes) / (2 * kHidden);
      sums.rounding = std::max(sums.rounding, static_cast<double>(members - 1) / 2 / mean_rows);
      // Of the row or column that is the rank's own.
      sums.pair_bytes += ranks * std::accumulate(parts.begin(), parts.end(), uint64_t{0});
    });
    sums.operations += ranks * totals.operations;
    sums.matrix_operations += ranks * totals.matrix_operations;
  }
  return sums;
}

TEST_F(ExpertLoadPlans, NothingIsLostOrDoneTwice) {
  for (const std::vector<std::string>& plan :
       {std::vector<std::string>{"--dp=8", "--ep=8"},
        {"--dp=4", "--tp=4", "--ep=8", "--etp=1"},
        {"--dp=8", "--tp=2", "--ep=4"},
        {"--dp=8", "--tp=2", "--sequence-parallel=false", "--ep=2", "--zero=1"},
        {"--dp=4", "--cp=2", "--ep=8", "--pp=5", "--recompute=full"}}) {
    const Sums balanced = SumsOf(Planned(plan));
    EXPECT_EQ(balanced.largest_ratio, 1);
    for (const char* imbalance : {"1.01", "1.3", "2"}) {
      std::vector<std::string> words = plan;
      words.push_back(std::string("--expert-imbalance=") + imbalance);
      const Workload workload = Planned(words);
      SCOPED_TRACE(CanonicalCommand(workload.options));
      const Sums sums = SumsOf(workload);
      EXPECT_EQ(sums.operations, balanced.operations);
      EXPECT_EQ(sums.matrix_operations, balanced.matrix_operations);
      EXPECT_EQ(sums.pair_bytes, balanced.pair_bytes);
      EXPECT_NEAR(sums.largest_ratio, std::stod(imbalance), sums.rounding + 1e-4);
    }
  }
}

// The products of the hot rank are those of a rank with so many rows.
TEST_F(ExpertLoadPlans, TheHotRanksProductsTakeTheTimeOfItsTokens) {
  const Workload workload = Planned({"--dp=4", "--ep=4", "--expert-imbalance=2.5"});
  const uint64_t hot_rows = kTokens * kPerToken * 5 / 2;
  const uint64_t other_rows = kTokens * kPerToken / 2;  // (4 - 2.5) / 3 of the mean
  const auto time_of = [&](uint64_t rows) {
    const Cost cost =
        LinearCost(workload.plan.formats, {rows, kHidden, kWidth, false, true, 16 / 4});
    return DurationNs(workload.plan.gpu, Precision::kBf16, ArithmeticUnit::kMatrix, cost.forward);
  };
  EXPECT_GT(time_of(hot_rows), 2 * time_of(other_rows));
  std::map<std::string, std::multiset<uint64_t>> times;  // by operation, of the four members
  for (const PlannedClass& each : PlannedClasses(workload)) {
    each.Emit([&](const GraphNode& node) {
      for (size_t i = 0; i < each.ranks.size(); ++i) {
        times[node.name].insert(node.type == NodeType::kCompute ? node.duration_ns : 0);
      }
    });
  }
  for (uint64_t block = kDenseLayers; block < kLayers; ++block) {
    for (const char* product : {"gate", "up"}) {
      const std::string name =
          "iteration0/forward/block" + std::to_string(block) + ".experts." + product;
      EXPECT_EQ(times[name], (std::multiset<uint64_t>{time_of(other_rows), time_of(other_rows),
                                                      time_of(other_rows), time_of(hot_rows)}))
          << name;
    }
  }
  // Dense layers know nothing of it.
  const auto& dense = times["iteration0/forward/block0.feed_forward.up"];
  EXPECT_EQ(std::set<uint64_t>(dense.begin(), dense.end()).size(), 1u);
}

TEST_F(ExpertLoadPlans, DispatchSendsByReceiverAndCombineBySender) {
  const Workload workload = Planned({"--dp=4", "--ep=4", "--expert-imbalance=2"});
  const uint64_t size_bytes = kTokens * kPerToken * kHidden * 2;
  std::map<std::string, GraphNode> nodes;
  PlannedClasses(workload).front().Emit([&](const GraphNode& node) { nodes[node.name] = node; });
  for (const auto& [name, is_sent] : {std::pair("forward/block2.experts.send", false),
                                      {"forward/block2.experts.return", true},
                                      {"backward/block2.experts.return", false},
                                      {"backward/block2.experts.send", true}}) {
    const GraphNode& node = nodes.at(std::string("iteration0/") + name);
    EXPECT_EQ(node.collective, CollectiveType::kAllToAll);
    EXPECT_EQ(node.size_bytes, size_bytes);
    EXPECT_EQ(node.shares.are_sent, is_sent) << name;
    std::vector<uint64_t> parts = CutByShares(node.size_bytes, node.shares.weights);
    std::sort(parts.begin(), parts.end());
    EXPECT_NEAR(static_cast<double>(parts.back()), static_cast<double>(size_bytes) / 2,
                2 * kHidden);
    EXPECT_NEAR(static_cast<double>(parts.front()), static_cast<double>(size_bytes) / 6, kHidden);
  }
}

TEST_F(ExpertLoadPlans, TheFullestRankHoldsMore) {
  const auto peak = [this](const char* imbalance) {
    return JudgeMemory(
               Planned({"--dp=8", "--ep=8", std::string("--expert-imbalance=") + imbalance}))
        .PeakBytes();
  };
  EXPECT_GT(peak("2"), peak("1"));
  EXPECT_GT(peak("8"), peak("2"));
  // The verdict is that of a rank which has most in some stage, and no other rank has more.
  const Workload workload = Planned({"--dp=8", "--ep=8", "--expert-imbalance=4"});
  const MemoryVerdict verdict = JudgeMemory(workload);
  const uint32_t shown = verdict.members.at(0);
  for (uint32_t member = 0; member < 8; ++member) {
    const StageMemory memory = MemoryOf(workload, member).Measure(0);
    EXPECT_LE(memory.peak.Total(), verdict.stages[0].peak.Total()) << member;
    if (member != shown) continue;
    EXPECT_EQ(memory.peak.Total(), verdict.stages[0].peak.Total());
  }
}

Description DescriptionOf(const WorkloadOptions& options) {
  return Describe(PlannedNodeSource(options));
}

// On a network that costs nothing every layer waits for its hot rank.
TEST_F(ExpertLoadPlans, IterationsGetSlower) {
  for (const std::vector<std::string>& plan :
       {std::vector<std::string>{"--dp=8", "--ep=8"},
        {"--dp=4", "--tp=2", "--ep=4"},
        {"--dp=4", "--ep=4", "--pp=5", "--microbatches=4", "--batch=8"}}) {
    const auto critical_ns = [&](const char* imbalance) {
      std::vector<std::string> words = plan;
      words.push_back(std::string("--expert-imbalance=") + imbalance);
      return DescriptionOf(Options(words)).critical_path_ns;
    };
    const uint64_t balanced_ns = critical_ns("1"), double_ns = critical_ns("2");
    EXPECT_GT(double_ns, balanced_ns * 11 / 10);
    EXPECT_LT(double_ns, 2 * balanced_ns);
    EXPECT_GT(critical_ns("4"), double_ns * 11 / 10);
  }
}

// The hot member gets all: the others wait with nothing to do, and nothing breaks.
TEST_F(ExpertLoadPlans, OneRankMayGetEverything) {
  for (const std::vector<std::string>& plan :
       {std::vector<std::string>{"--dp=8", "--ep=4", "--expert-imbalance=4"},
        {"--dp=4", "--tp=2", "--ep=4", "--expert-imbalance=4", "--recompute=full"},
        {"--dp=4", "--tp=2", "--sequence-parallel=false", "--ep=4", "--expert-imbalance=4"},
        {"--dp=4", "--ep=4", "--pp=2", "--schedule=zero-bubble", "--microbatches=2", "--batch=4",
         "--expert-imbalance=4", "--zero=3"}}) {
    const Workload workload = Planned(plan);
    ASSERT_NO_THROW(WriteWorkload(workload, (m_folder / "set").string()));
    const Description description = Describe(OpenNodeSource((m_folder / "set").string(), {}));
    EXPECT_GT(description.critical_path_ns, 0u);
    for (uint32_t member = 0; member < 4; ++member) {
      const MemoryModel model = MemoryOf(workload, member);
      for (uint32_t stage = 0; stage < model.StageCount(); ++stage) {
        EXPECT_EQ(model
                      .Walk(stage,
                            [](size_t, size_t, const MemoryUse& use) { EXPECT_GE(use.Total(), 0); })
                      .Total(),
                  model.Measure(stage).resident.Total());
      }
    }
    fs::remove_all(m_folder / "set");
  }
}

TEST_F(ExpertLoadPlans, WrittenSetsAreDescribedAsPlannedOnes) {
  const WorkloadOptions options = Options({"--dp=8", "--ep=8", "--pp=3", "--microbatches=3",
                                           "--batch=6", "--expert-imbalance=1.75", "--seed=7"});
  WriteWorkload(PlanWorkload(options), (m_folder / "set").string());
  const NodeSource source = OpenNodeSource((m_folder / "set").string(), {});
  ASSERT_TRUE(source.workload) << source.workload_note;
  const Description written = Describe(source), planned = DescriptionOf(options);
  EXPECT_EQ(written.critical_path_ns, planned.critical_path_ns);
  ASSERT_EQ(written.passes.size(), planned.passes.size());
  EXPECT_EQ(written.passes.size(), 3u * (3 + 3 + 1));
  for (size_t i = 0; i < written.passes.size(); ++i) {
    EXPECT_EQ(written.passes[i].begin_ns, planned.passes[i].begin_ns);
  }
}

}  // namespace
}  // namespace ddlsim
