// SPDX-License-Identifier: MIT
//
// Embedding tables that are spread over data-parallel ranks: who holds what, what goes over the
// network, and that nothing is lost.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/input-error.h"
#include "memory/plans.h"
#include "traces/member-shares.h"
#include "traces/trace-set.h"
#include "workload-gen/describe/description.h"
#include "workload-gen/estimate/iteration-estimate.h"
#include "workload-gen/layers/table-placement.h"
#include "workload-gen/memory/workload-memory.h"
#include "workload-gen/plan/member-classes.h"
#include "workload-gen/program/workload-writer.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kWidth = 32, kSamples = 256, kDense = 13;

// Unequal tables, as many as `rows` names.
std::string ModelFile(const std::string& rows, const std::string& optimizer) {
  return "family: recommendation\nmodels:\n  tables:\n    source: made up\n    title: Tables\n"
         "    dense_features: 13\n    embedding_width: 32\n    bottom_widths: [64, 32]\n"
         "    top_widths: [64, 1]\n    table_rows: [" +
         rows + "]\n    optimizer: " + optimizer + "\n    batch: 256\n";
}
const char* const kRows = "100, 70000, 3, 5000, 40000, 17, 900, 90001, 20, 250";
const std::vector<uint64_t> kTableRows = {100, 70000, 3, 5000, 40000, 17, 900, 90001, 20, 250};

class SpreadTables : public testing::Test {
 protected:
  void SetUp() override {
    m_folder = fs::path(testing::TempDir()) /
               ("tables-" + std::to_string(getpid()) +
                testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(m_folder);
    Write(kRows, "plain_sgd");
  }
  void TearDown() override { fs::remove_all(m_folder); }

  void Write(const std::string& rows, const std::string& optimizer) const {
    std::ofstream(m_folder / "model.yaml") << ModelFile(rows, optimizer);
  }
  Workload PlannedWith(std::vector<std::string> words) const {
    words.push_back("--model=" + (m_folder / "model.yaml").string());
    return Planned(words);
  }
  Workload Spread(const char* how, uint32_t ranks, std::vector<std::string> words = {}) const {
    words.push_back("--dp=" + std::to_string(ranks));
    words.push_back(std::string("--embedding-sharding=") + how);
    return PlannedWith(words);
  }

  fs::path m_folder;
};

uint64_t DenseParameters() {
  const uint64_t features = kTableRows.size() + 1;
  const uint64_t top = features * (features - 1) / 2 + kWidth;
  return kDense * 64 + 64 + 64 * kWidth + kWidth + top * 64 + 64 + 64 + 1;
}

uint64_t AllRows() {
  uint64_t rows = 0;
  for (uint64_t table : kTableRows) rows += table;
  return rows;
}

TEST(TablePlacement, LargestTablesFirstToTheMemberWithTheFewest) {
  const TablePlacement placed =
      PlaceTables(EmbeddingSharding::kTableWise, {10, 70, 40, 60, 5, 1}, 8, 3, Optimizer::kSgd);
  // 70, 60 and 40 open the members; 10 joins 40, 5 joins 60, and 1 the last one with one table.
  EXPECT_EQ(placed.tables, (std::vector<std::vector<size_t>>{{1, 5}, {3, 4}, {0, 2}}));
  EXPECT_EQ(placed.member_elements, (std::vector<uint64_t>{71 * 8, 65 * 8, 50 * 8}));
  EXPECT_TRUE(placed.UnequalCounts().empty());
  EXPECT_EQ(placed.MemberClasses(), (std::vector<std::vector<uint32_t>>{{0, 1, 2}}));
}

TEST(TablePlacement, MembersThatHoldMostStandForTheirClass) {
  // Seven tables over four: the member with the smallest of the four largest gets none of the rest.
  const TablePlacement placed =
      PlaceTables(EmbeddingSharding::kTableWise, {9, 8, 7, 6, 5, 5, 5}, 1, 4, Optimizer::kSgd);
  EXPECT_EQ(placed.UnequalCounts(), (std::vector<uint64_t>{1, 2, 2, 2}));
  EXPECT_EQ(placed.member_elements, (std::vector<uint64_t>{9, 13, 12, 11}));
  EXPECT_EQ(placed.MemberClasses(), (std::vector<std::vector<uint32_t>>{{0}, {1, 2, 3}}));
  const TablePlacement few =
      PlaceTables(EmbeddingSharding::kTableWise, {3, 9}, 1, 4, Optimizer::kSgd);
  EXPECT_EQ(few.UnequalCounts(), (std::vector<uint64_t>{1, 1, 0, 0}));
  EXPECT_EQ(few.MemberClasses(), (std::vector<std::vector<uint32_t>>{{0, 1}, {2, 3}}));
  const TablePlacement rows =
      PlaceTables(EmbeddingSharding::kRowWise, {9, 4}, 2, 4, Optimizer::kSgd);
  EXPECT_EQ(rows.member_elements, std::vector<uint64_t>(4, (3 + 1) * 2));
}

TEST(TablePlacement, NoTableIsLostAndCountsDifferByOne) {
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    std::vector<uint64_t> rows(1 + random() % 40);
    for (uint64_t& table : rows) table = 1 + random() % 1000;
    const uint32_t ranks = 1 + random() % 50;
    const TablePlacement placed =
        PlaceTables(EmbeddingSharding::kTableWise, rows, 4, ranks, Optimizer::kSgd);
    std::multiset<size_t> seen;
    size_t least = SIZE_MAX, most = 0;
    for (uint32_t member = 0; member < ranks; ++member) {
      uint64_t elements = 0;
      for (size_t table : placed.tables[member]) elements += 4 * rows[table];
      EXPECT_EQ(elements, placed.member_elements[member]);
      seen.insert(placed.tables[member].begin(), placed.tables[member].end());
      least = std::min(least, placed.tables[member].size());
      most = std::max(most, placed.tables[member].size());
    }
    EXPECT_LE(most, least + 1);
    ASSERT_EQ(seen.size(), rows.size());
    for (size_t table = 0; table < rows.size(); ++table) EXPECT_EQ(seen.count(table), 1u);
  }
}

struct Sums {
  uint64_t lookup_operations = 0, matrix_operations = 0;
  std::map<CollectiveType, uint64_t> bytes;  // that one rank states, of its first class
  std::vector<uint64_t> sent, received;      // in all_to_alls, by rank
};

Sums SumsOf(const Workload& workload) {
  Sums sums;
  const uint32_t ranks = workload.options.parallelism.data;
  sums.sent.assign(ranks, 0);
  sums.received.assign(ranks, 0);
  bool is_first = true;
  for (const PlannedClass& each : PlannedClasses(workload)) {
    const IterationTotals totals = each.Emit([&](const GraphNode& node) {
      if (node.operation_class == "embedding") {
        sums.lookup_operations += each.ranks.size() * node.operations;
      }
      if (node.type != NodeType::kCollective) return;
      EXPECT_EQ(node.group, "dp");
      if (is_first) sums.bytes[node.collective] += node.size_bytes;
      if (node.collective != CollectiveType::kAllToAll) return;
      for (uint32_t rank : each.ranks) {
        std::vector<uint64_t> parts(ranks, node.size_bytes / ranks);
        if (!node.shares.IsEmpty()) parts = CutByShares(node.size_bytes, node.shares.weights);
        // The size is what each rank has on the side that is equal.
        const bool are_sent = !node.shares.IsEmpty() && node.shares.are_sent;
        (are_sent ? sums.received : sums.sent)[rank] += node.size_bytes;
        for (uint32_t other = 0; other < ranks; ++other) {
          (are_sent ? sums.sent : sums.received)[other] += parts[other];
        }
      }
    });
    sums.matrix_operations += each.ranks.size() * totals.matrix_operations;
    is_first = false;
  }
  return sums;
}

TEST_F(SpreadTables, BytesAreThoseOfTheVectors) {
  for (const uint32_t ranks : {2u, 3u, 4u, 5u, 10u, 16u}) {
    const Workload workload = Spread("table_wise", ranks);
    const Sums sums = SumsOf(workload);
    const uint64_t vectors = kSamples * kWidth * 2;  // of one table, for one rank's samples
    const uint64_t all = vectors * kTableRows.size();
    EXPECT_EQ(sums.bytes.at(CollectiveType::kAllToAll), 2 * all);
    EXPECT_EQ(sums.bytes.at(CollectiveType::kAllReduce), 4 * DenseParameters());
    for (uint32_t rank = 0; rank < ranks; ++rank) {
      // Forward a rank sends the vectors of its tables to all, and backward gets their gradients.
      const uint64_t own = workload.batch.sharding.tables->tables[rank].size() * vectors * ranks;
      EXPECT_EQ(sums.sent[rank], own + all) << rank << " of " << ranks;
      EXPECT_EQ(sums.received[rank], own + all) << rank << " of " << ranks;
    }
    const Sums by_row = SumsOf(Spread("row_wise", ranks));
    EXPECT_EQ(by_row.bytes.at(CollectiveType::kReduceScatter), ranks * all);
    EXPECT_EQ(by_row.bytes.at(CollectiveType::kAllGather), ranks * all);
    EXPECT_EQ(by_row.bytes.at(CollectiveType::kAllReduce), 4 * DenseParameters());
  }
}

TEST_F(SpreadTables, OperationsAddUpToTheModels) {
  const Workload whole = PlannedWith({"--dp=1"});
  const uint64_t matrix = SumsOf(whole).matrix_operations;
  for (const uint32_t ranks : {2u, 4u, 7u, 16u}) {
    const Sums sums = SumsOf(Spread("table_wise", ranks));
    EXPECT_EQ(sums.matrix_operations, ranks * matrix);
    // Each sample looks up and updates one row per table: an addition and SGD's operations.
    EXPECT_EQ(sums.lookup_operations, ranks * kSamples * kTableRows.size() * kWidth * (1 + 5));
    const Sums by_row = SumsOf(Spread("row_wise", ranks));
    EXPECT_EQ(by_row.matrix_operations, ranks * matrix);
    EXPECT_EQ(by_row.lookup_operations, sums.lookup_operations);
  }
}

TEST_F(SpreadTables, RanksWithEquallyManyTablesShareAFile) {
  EXPECT_EQ(PlannedClasses(Spread("table_wise", 5)).size(), 1u);
  EXPECT_EQ(PlannedClasses(Spread("row_wise", 7)).size(), 1u);
  for (const uint32_t ranks : {3u, 7u, 64u}) {
    const std::vector<PlannedClass> classes = PlannedClasses(Spread("table_wise", ranks));
    ASSERT_EQ(classes.size(), 2u) << ranks;
    EXPECT_EQ(classes[0].ranks.size() + classes[1].ranks.size(), ranks);
  }
}

// The open-source DLRM's order: vectors leave before the bottom perceptron runs, their gradients
// before it runs backward; the rows are updated behind it, and before the next lookup.
TEST_F(SpreadTables, ExchangesRunBesideTheBottomPerceptron) {
  const Workload workload = Spread("table_wise", 4, {"--iterations=2"});
  std::map<std::string, GraphNode> nodes;
  std::map<uint64_t, std::string> names;
  PlannedClasses(workload).front().Emit([&](const GraphNode& node) {
    names[node.id] = node.name.substr(node.name.find('/') + 1);
    if (node.name.rfind("iteration1/", 0) == 0) nodes[names[node.id]] = node;
  });
  const auto waits_for = [&](const char* name) {
    std::set<std::string> found;
    const GraphNode& node = nodes.at(name);
    for (const auto* list : {&node.data_dependencies, &node.control_dependencies}) {
      for (uint64_t id : *list) found.insert(names[id]);
    }
    return found;
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(waits_for("forward/embedding"), Names{"optimizer"});
  EXPECT_EQ(waits_for("forward/embedding.exchange"), Names{"forward/embedding"});
  EXPECT_EQ(waits_for("forward/bottom0"), (Names{"forward/embedding", "optimizer"}));
  EXPECT_EQ(waits_for("forward/interaction"),
            (Names{"forward/embedding.exchange", "forward/bottom1_relu"}));
  EXPECT_EQ(waits_for("backward/embedding.exchange"),
            (Names{"backward/interaction", "forward/embedding.exchange"}));
  EXPECT_EQ(waits_for("backward/embedding"),
            (Names{"backward/embedding.exchange", "forward/embedding", "backward/bottom0"}));
  EXPECT_EQ(waits_for("optimizer").count("backward/embedding"), 1u);
}

TEST_F(SpreadTables, ARankHoldsItsTablesAndNoGradientsOfThem) {
  for (const auto& [optimizer, state_bytes] :
       {std::pair("plain_sgd", 0u), {"sgd", 4u}, {"adam", 8u}}) {
    Write(kRows, optimizer);
    for (const uint32_t ranks : {2u, 3u, 10u, 16u}) {
      const Workload workload = Spread("table_wise", ranks);
      const std::vector<uint64_t>& held = workload.batch.sharding.tables->member_elements;
      const uint64_t most = *std::max_element(held.begin(), held.end());
      const MemoryVerdict verdict = JudgeMemory(workload);
      EXPECT_EQ(held[verdict.members.at(0)], most) << "the fullest rank is shown";
      const MemoryUse& resident = verdict.stages.at(0).resident;
      const auto parameters = static_cast<int64_t>(most + DenseParameters());
      EXPECT_EQ(resident[MemoryKind::kParameters], 4 * parameters);
      EXPECT_EQ(resident[MemoryKind::kGradients], static_cast<int64_t>(4 * DenseParameters()));
      EXPECT_EQ(resident[MemoryKind::kOptimizer], state_bytes * parameters);
      uint64_t rows = 0;
      for (uint64_t table : kTableRows) rows += (table + ranks - 1) / ranks;
      const MemoryUse by_row = JudgeMemory(Spread("row_wise", ranks)).stages.at(0).resident;
      EXPECT_EQ(by_row[MemoryKind::kParameters],
                static_cast<int64_t>(4 * (rows * kWidth + DenseParameters())));
    }
    const MemoryUse whole = JudgeMemory(PlannedWith({"--dp=4"})).stages.at(0).resident;
    EXPECT_EQ(whole[MemoryKind::kGradients],
              static_cast<int64_t>(4 * (AllRows() * kWidth + DenseParameters())));
  }
}

TEST_F(SpreadTables, MemoryAdviceSpreadsTables) {
  const Workload workload = Planned({"--model=dlrm-mlperf", "--dp=8"});
  EXPECT_FALSE(JudgeMemory(workload).Fits());
  const MemoryAdvice advice = AdviseMemory(workload);
  ASSERT_FALSE(advice.single.empty());
  EXPECT_EQ(advice.single.front().options,
            std::vector<std::string>{"--embedding-sharding=table_wise"});
  EXPECT_TRUE(
      JudgeMemory(Planned({"--model=dlrm-mlperf", "--dp=8", "--embedding-sharding=table_wise"}))
          .Fits());
}

TEST_F(SpreadTables, EstimatesAreOfRanksThatAreAlike) {
  const Host host = LoadHost("hgx-h100");
  const IterationEstimate estimate = EstimateIteration(Spread("table_wise", 5), host, 1);
  EXPECT_GT(estimate.iteration_ns, estimate.compute_ns);
  EXPECT_GT(EstimateIteration(Spread("row_wise", 8), host, 1).iteration_ns, 0u);
  EXPECT_THROW(EstimateIteration(Spread("table_wise", 8), host, 1), InputError);
}

// A set that was written says the same as the plan.
TEST_F(SpreadTables, DescriptionsOfWrittenSetsAreThoseOfPlans) {
  const Workload workload = Spread("table_wise", 7, {"--speed=6:0.5"});
  WriteWorkload(workload, (m_folder / "set").string());
  const NodeSource source = OpenNodeSource((m_folder / "set").string(), {});
  ASSERT_TRUE(source.workload) << source.workload_note;
  const Description written = Describe(source);
  EXPECT_EQ(written.critical_path_ns,
            Describe(PlannedNodeSource(workload.options)).critical_path_ns);
  EXPECT_EQ(written.passes.size(), 3u);
}

// DDL_PLANS=1000 tries so many.
uint32_t PlanCount() {
  const char* text = std::getenv("DDL_PLANS");
  return text == nullptr ? 40 : static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
}

TEST_F(SpreadTables, RandomPlansHoldTheInvariants) {
  std::mt19937 random(11);
  const auto pick = [&random](const std::vector<std::string>& choices) {
    return choices[random() % choices.size()];
  };
  for (uint32_t i = 0; i < PlanCount(); ++i) {
    std::string rows = std::to_string(1 + random() % 100000);
    for (uint32_t more = random() % 12; more > 0; --more) {
      rows += ", " + std::to_string(1 + random() % 3000);
    }
    Write(rows, pick({"plain_sgd", "sgd", "adam"}));
    const uint32_t ranks = 2 + random() % 15;
    std::vector<std::string> words = {
        "--batch=" + std::to_string(1 + random() % 300),
        "--iterations=" + pick({"1", "3"}),
        "--precision=" + pick({"bf16", "fp32"}),
        "--gradient-precision=" + pick({"fp32", "bf16"}),
        "--compression=" + pick({"none", "int8", "topk:0.1"}),
        "--bucket-size=" + pick({"4KiB", "25MiB"}),
        "--fusion=" + pick({"none", "pointwise"}),
        "--speed=" + pick({"1:0.5", "0:1"}),
    };
    if (words[2] == "--precision=bf16")
      words.push_back("--parameter-precision=" + pick({"fp32", "bf16"}));
    if (ranks % 4 == 0 && words[4] == "--compression=none") words.emplace_back("--dp-group=2");
    const Workload workload = Spread(i % 3 == 0 ? "row_wise" : "table_wise", ranks, words);
    SCOPED_TRACE(CanonicalCommand(workload.options) + " of tables " + rows);
    const fs::path folder = m_folder / std::to_string(i);
    // The writer validates what it has written: acyclic, all members agree on their collectives.
    ASSERT_NO_THROW(WriteWorkload(workload, folder.string()));
    EXPECT_GT(Describe(OpenNodeSource(folder.string(), {})).critical_path_ns, 0u);
    fs::remove_all(folder);
    uint64_t operations = 0;
    for (const PlannedClass& each : PlannedClasses(workload)) {
      operations += each.ranks.size() * each.Emit([](const GraphNode&) {}).matrix_operations;
    }
    uint64_t expected = 0;
    for (const Operation& operation : workload.whole.operations) {
      if (UnitOfClass(operation.operation_class) != ArithmeticUnit::kMatrix) continue;
      expected += operation.forward.operations + operation.backward.operations;
    }
    EXPECT_EQ(operations, expected * ranks);
    for (const std::vector<uint32_t>& alike : MemberClasses(workload, 0)) {
      const MemoryModel model = MemoryOf(workload, alike.front());
      const auto visit = [](size_t, size_t, const MemoryUse& use) {
        for (int64_t bytes : use.bytes) EXPECT_GE(bytes, 0);
      };
      EXPECT_EQ(model.Walk(0, visit), model.Measure(0).resident) << "all that was taken is freed";
    }
  }
}

}  // namespace
}  // namespace ddlsim
