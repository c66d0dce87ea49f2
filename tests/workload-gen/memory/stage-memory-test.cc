// SPDX-License-Identifier: MIT
//
// Memory of pipeline stages through an iteration: formulas of the papers, and what holds for every
// plan.
#include "workload-gen/memory/stage-memory.h"

#include <absl/strings/str_join.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "plans.h"
#include "workload-gen/describe/pass-name.h"
#include "workload-gen/memory/workload-memory.h"

namespace ddlsim {
namespace {

uint64_t Resident(std::vector<std::string> words) {
  words.insert(words.end(),
               {"--model=gpt2", "--dp=64", "--context-memory=0B", "--communicator-memory=0B"});
  const Workload workload = Planned(words);
  return static_cast<uint64_t>(MemoryOf(workload).Measure(0).resident.Total());
}

// Rajbhandari et al. 2020 (ZeRO), figure 1: (2 + 2 + K) bytes per parameter with K = 12, of which
// K, 2 + K, 2 + 2 + K are divided by the N data-parallel ranks.
TEST(StageMemory, StatesAreThoseOfTheZeroPaper) {
  const uint64_t psi = 124439808, n = 64;
  const std::string p = "--parameter-precision=bf16", g = "--gradient-precision=bf16";
  EXPECT_EQ(Resident({p, g}), 16 * psi);
  EXPECT_EQ(Resident({p, g, "--zero=1"}), 4 * psi + 12 * psi / n);
  EXPECT_EQ(Resident({p, g, "--zero=2"}), 2 * psi + 14 * psi / n);
  EXPECT_EQ(Resident({p, g, "--zero=3"}), 16 * psi / n);
}

// Megatron-LM's distributed optimizer: 18 bytes with fp32 gradients, 6 + 12 / N divided.
TEST(StageMemory, StatesAreThoseOfMegatron) {
  const uint64_t psi = 124439808, n = 64;
  EXPECT_EQ(Resident({"--parameter-precision=bf16"}), 18 * psi);
  EXPECT_EQ(Resident({"--parameter-precision=bf16", "--zero=1"}), 6 * psi + 12 * psi / n);
  EXPECT_EQ(Resident({}), (4 + 4 + 8) * psi);  // autocast
}

// Narayanan et al. 2021, section 2.2: as many micro-batches as stages from here on.
TEST(StageMemory, OneForwardOneBackwardKeepsStagesMinusIndex) {
  const Workload workload =
      Planned({"--model=gpt3-175b", "--tp=8", "--pp=8", "--microbatches=24", "--schedule=1f1b"});
  const MemoryModel model = MemoryOf(workload);
  for (uint32_t stage = 1; stage < 7; ++stage) {
    const StageMemory memory = model.Measure(stage);
    EXPECT_EQ(memory.held_most, 8 - stage);
    // The block that runs first backward has just handed on its output.
    EXPECT_EQ(memory.peak[MemoryKind::kActivations],
              static_cast<int64_t>((8 - stage) * memory.micro_batch_bytes));
  }
}

TEST(StageMemory, GpipeKeepsAllMicroBatches) {
  const Workload workload =
      Planned({"--model=gpt3-175b", "--tp=8", "--pp=4", "--microbatches=9", "--schedule=gpipe"});
  const StageMemory memory = MemoryOf(workload).Measure(2);
  EXPECT_EQ(memory.peak[MemoryKind::kActivations],
            static_cast<int64_t>(9 * memory.micro_batch_bytes));
}

// The same section: interleaving keeps 1 + (p-1)/(pv) times the activations of 1f1b, at the first
// stage.
TEST(StageMemory, InterleavingKeepsMore) {
  const uint64_t p = 4, v = 3;
  const std::vector<std::string> common = {"--model=gpt3-175b", "--tp=8", "--pp=4",
                                           "--microbatches=16", "--sequence-length=512"};
  std::vector<std::string> mixed = common;
  mixed.insert(mixed.end(), {"--schedule=interleaved", "--virtual-stages=3"});
  const auto activations = [](const std::vector<std::string>& words) {
    return static_cast<double>(MemoryOf(Planned(words)).Measure(0).peak[MemoryKind::kActivations]);
  };
  const double ratio = activations(mixed) / activations(common);
  // Of which the first stage's embedding keeps its indices only.
  EXPECT_NEAR(ratio, 1 + (p - 1.0) / (p * v), 1e-3);
}

// ZB-H1 (Qi et al. 2023): every stage keeps what the first one does under 1f1b; but only what the
// weights' gradients need stays after the pass for the inputs.
TEST(StageMemory, ZeroBubbleKeepsNoMoreThanTheFirstStage) {
  const std::vector<std::string> words = {"--model=gpt3-175b", "--tp=8", "--pp=8",
                                          "--microbatches=24", "--schedule=zero-bubble"};
  const MemoryModel model = MemoryOf(Planned(words));
  for (uint32_t stage = 1; stage < 7; ++stage) EXPECT_EQ(model.Measure(stage).held_most, 8u);
}

class MemoryOfPlan : public testing::Test {
 protected:
  static int Plans() {
    const char* text = std::getenv("DDL_PLANS");
    return text == nullptr ? 40 : std::atoi(text);
  }
};

// What holds for every plan: nothing is ever negative, an iteration ends where it began, the peak
// is the walk's, and the walk has the kernels of the graph.
TEST_F(MemoryOfPlan, RandomPlansKeepTheirBooks) {
  for (int seed = 0; seed < Plans(); ++seed) {
    const std::vector<std::string> words = RandomPlan(static_cast<uint32_t>(seed));
    SCOPED_TRACE(absl::StrJoin(words, " "));
    const Workload workload = Planned(words);
    const MemoryModel model = MemoryOf(workload);
    for (uint32_t stage = 0; stage < model.StageCount(); ++stage) {
      const StageMemory memory = model.Measure(stage);
      int64_t most = memory.resident.Total();
      uint64_t kernels = 0;
      const MemoryUse end = model.Walk(stage, [&](size_t, size_t, const MemoryUse& use) {
        most = std::max(most, use.Total());
        ++kernels;
        for (size_t kind = 0; kind < kMemoryKindCount; ++kind) {
          ASSERT_GE(use.bytes[kind], memory.resident.bytes[kind]);
        }
      });
      EXPECT_EQ(end.bytes, memory.resident.bytes);
      EXPECT_EQ(memory.peak.Total(), most);
      EXPECT_GE(memory.peak.Total(), memory.resident.Total());
      // The optimizer's is no pass; products in pieces count once.
      uint64_t nodes = 0;
      EmitTrainingGraph(workload.plan, stage, [&nodes](const GraphNode& node) {
        const bool is_kernel = node.type == NodeType::kCompute;
        nodes += is_kernel && !ParsePassName(node.name, false).is_later_piece ? 1 : 0;
      });
      EXPECT_EQ(kernels + 1, nodes);
    }
  }
}

// The same for every architecture.
TEST_F(MemoryOfPlan, EveryModelKeepsItsBooks) {
  for (const Architecture& architecture : ListArchitectures()) {
    for (const char* recompute : {"--recompute=none", "--recompute=full"}) {
      SCOPED_TRACE(architecture.name + recompute);
      const Workload workload =
          Planned({"--model=" + architecture.name, "--batch=2", "--dp=2", recompute});
      const MemoryModel model = MemoryOf(workload);
      const StageMemory memory = model.Measure(0);
      const MemoryUse end = model.Walk(0, [&](size_t, size_t, const MemoryUse& use) {
        for (size_t kind = 0; kind < kMemoryKindCount; ++kind) {
          ASSERT_GE(use.bytes[kind], memory.resident.bytes[kind]);
        }
      });
      EXPECT_EQ(end.bytes, memory.resident.bytes);
      EXPECT_GT(memory.peak[MemoryKind::kActivations], 0);
    }
  }
}

TEST_F(MemoryOfPlan, RecomputationAndDivisionNeedLess) {
  const std::vector<std::string> base = {"--model=llama3-8b", "--dp=4", "--batch=4"};
  const auto peak = [&](const char* option) {
    std::vector<std::string> words = base;
    words.emplace_back(option);
    return JudgeMemory(Planned(words)).PeakBytes();
  };
  const uint64_t plain = peak("--zero=0");
  EXPECT_LT(peak("--zero=1"), plain);
  EXPECT_LT(peak("--zero=2"), peak("--zero=1"));
  EXPECT_LT(peak("--zero=3"), peak("--zero=2"));
  EXPECT_LT(peak("--recompute=full"), plain);
  EXPECT_LT(peak("--microbatches=2"), plain);
  EXPECT_LT(peak("--tp=2"), plain);
  EXPECT_LT(peak("--pp=2"), plain);
}

}  // namespace
}  // namespace ddlsim
