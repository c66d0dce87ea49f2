// SPDX-License-Identifier: MIT
//
// Low-rank adapters: what is trained, what the backward pass leaves out, and what ranks exchange.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "workload-gen/memory/workload-memory.h"
#include "workload-gen/plan/workload.h"

namespace ddlsim {
namespace {

// Llama 3.2 1B: 16 layers, 2,048 wide, 32 query and 8 key heads of 64, 8,192 feed-forward columns.
constexpr uint64_t kLayers = 16, kHidden = 2048, kKeys = 512, kInner = 8192, kTokens = 256;

WorkloadOptions Llama(uint64_t rank, const std::string& targets = "") {
  WorkloadOptions options;
  options.model = "llama3.2-1b";
  options.sequence_length = kTokens;
  options.batch = 1;
  options.adapters = {rank, targets};
  return options;
}

uint64_t MatmulOperations(const LayerModel& model, bool is_backward) {
  uint64_t operations = 0;
  for (const Operation& operation : model.operations) {
    if (operation.operation_class != "matmul") continue;
    operations += (is_backward ? operation.backward : operation.forward).operations;
  }
  return operations;
}

TEST(Adapters, HaveRankTimesInputsPlusOutputs) {
  const uint64_t r = 8;
  const uint64_t qkv = 3 * kHidden + kHidden + 2 * kKeys, output = 2 * kHidden;
  const uint64_t feed_forward = 3 * (kHidden + kInner);
  const auto trained = [&](const char* targets) {
    const Workload workload = PlanWorkload(Llama(r, targets));
    return workload.whole.TrainedParameterCount();
  };
  EXPECT_EQ(trained("qkv"), kLayers * r * qkv);
  EXPECT_EQ(trained("attention"), kLayers * r * (qkv + output));
  EXPECT_EQ(trained("feed_forward"), kLayers * r * feed_forward);
  EXPECT_EQ(trained("all"), kLayers * r * (qkv + output + feed_forward));
  const Workload plain = PlanWorkload(Llama(0)), adapted = PlanWorkload(Llama(r));
  EXPECT_EQ(adapted.whole.ParameterCount(),
            plain.whole.ParameterCount() + adapted.whole.TrainedParameterCount());
}

// Forward all products and the adapters'; backward one product for each weight that stays, but in
// the first layer, where nothing trained lies in front of the projections, and two for adapters.
TEST(Adapters, LeaveOutTheGradientsOfTheirModel) {
  const uint64_t r = 8;
  const LayerModel plain = PlanWorkload(Llama(0)).whole;
  const LayerModel adapted = PlanWorkload(Llama(r)).whole;
  const uint64_t own = 2 * kTokens * adapted.TrainedParameterCount();
  const uint64_t model = MatmulOperations(plain, false);
  EXPECT_EQ(MatmulOperations(adapted, false), model + own);
  const uint64_t first_projections = 2 * kTokens * kHidden * (kHidden + 2 * kKeys);
  const uint64_t first_inputs = 2 * kTokens * kHidden * 3 * r;
  EXPECT_EQ(MatmulOperations(adapted, true), model - first_projections + 2 * own - first_inputs);
  for (const Operation& operation : adapted.operations) {
    if (!operation.frozen.empty()) {
      EXPECT_EQ(operation.weight_gradient.operations, 0u);
    }
    EXPECT_TRUE(operation.frozen.empty() || operation.parameters.empty());
  }
}

// Beside feed-forward layers the whole attention of the first layer has no backward pass.
TEST(Adapters, GradientsEndAtTheFirstAdapter) {
  const LayerModel model = PlanWorkload(Llama(8, "feed_forward")).whole;
  for (const Operation& operation : model.operations) {
    const bool is_before = operation.name.rfind("embedding", 0) == 0 ||
                           operation.name.rfind("block0.attention", 0) == 0 ||
                           operation.name == "block0.feed_forward_norm";
    if (!is_before) continue;
    EXPECT_FALSE(operation.has_backward) << operation.name;
    // But for the norm's output, which the first adapter reads.
    if (operation.name == "block0.feed_forward_norm") continue;
    EXPECT_EQ(operation.saved_bytes, 0u) << operation.name;
  }
}

TEST(Adapters, OnlyTheirGradientsAreExchanged) {
  for (ZeroStage zero : {ZeroStage::kNone, ZeroStage::kOptimizer, ZeroStage::kParameters}) {
    WorkloadOptions options = Llama(8, "all");
    options.parallelism.data = 4;
    options.zero = zero;
    options.parameter_precision = Precision::kBf16;
    const Workload workload = PlanWorkload(options);
    uint64_t reduced = 0, gathered = 0;
    EmitTrainingGraph(workload.plan, 0, [&](const GraphNode& node) {
      if (node.type != NodeType::kCollective) return;
      const bool is_gather = node.collective == CollectiveType::kAllGather;
      (is_gather ? gathered : reduced) += node.size_bytes;
    });
    EXPECT_EQ(reduced, 4 * workload.whole.TrainedParameterCount());
    const uint64_t trained = 2 * workload.whole.TrainedParameterCount();
    const uint64_t all = 2 * workload.whole.ParameterCount();
    // Sharded, everything is gathered before each of the two passes but the last unit, once.
    if (zero == ZeroStage::kNone) {
      EXPECT_EQ(gathered, 0u);
    }
    if (zero == ZeroStage::kOptimizer) {
      EXPECT_EQ(gathered, trained);
    }
    if (zero == ZeroStage::kParameters) {
      EXPECT_GT(gathered, all);
      EXPECT_LE(gathered, 2 * all);
    }
  }
}

TEST(Adapters, StatesAreTwoBytesOfTheModelAndAllOfTheAdapters) {
  WorkloadOptions options = Llama(8);
  options.parameter_precision = Precision::kBf16;
  options.framework_memory = {0, 0};
  const Workload workload = PlanWorkload(options);
  const uint64_t trained = workload.whole.TrainedParameterCount();
  const uint64_t frozen = workload.whole.ParameterCount() - trained;
  const StageMemory memory = MemoryOf(workload).Measure(0);
  // bf16, fp32 gradients, Adam's moments and the fp32 copy.
  EXPECT_EQ(static_cast<uint64_t>(memory.resident.Total()), 2 * frozen + (2 + 4 + 12) * trained);
  // Inputs of the model's own products are not kept: less than half of what training all keeps.
  WorkloadOptions whole = options;
  whole.adapters = {};
  EXPECT_LT(memory.micro_batch_bytes, MemoryOf(PlanWorkload(whole)).Measure(0).micro_batch_bytes);
}

// What goes between the adapter's products is as narrow as its rank: tp all_gathers of rank columns
// beside each divided product, instead of the rows.
TEST(Adapters, ExchangeRowsOfTheirRankOverTensorRanks) {
  const auto tensor_bytes = [](uint64_t rank) {
    WorkloadOptions options = Llama(rank);
    options.parallelism.tensor = 4;
    uint64_t bytes = 0;
    const Workload workload = PlanWorkload(options);
    EmitTrainingGraph(workload.plan, 0, [&](const GraphNode& node) {
      if (node.type == NodeType::kCollective && node.name.find("/optimizer") == std::string::npos &&
          node.name.find("all_reduce/sequence") == std::string::npos &&
          node.name.find("lora") != std::string::npos) {
        bytes += node.size_bytes;
      }
    });
    return bytes;
  };
  EXPECT_EQ(tensor_bytes(0), 0u);
  // Per layer: queries, keys and values each gather forward, scatter backward and gather again for
  // the gradient of B; the output's sum is scattered forward and gathered backward.
  const uint64_t x = 2 * kTokens * 8;
  EXPECT_EQ(tensor_bytes(8), kLayers * (3 * 3 + 2) * x);
}

}  // namespace
}  // namespace ddlsim
