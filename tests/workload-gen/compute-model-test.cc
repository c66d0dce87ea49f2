// SPDX-License-Identifier: MIT
//
// How precisions, methods of attention, fusion, and GPUs and speeds of ranks show in the work.
#include <gtest/gtest.h>

#include "base/input-error.h"
#include "workload-gen/layers/layer-costs.h"
#include "workload-gen/plan/rank-hardware.h"
#include "workload-gen/plan/workload.h"

namespace ddlsim {
namespace {

WorkloadOptions Gpt2() {
  WorkloadOptions options;
  options.model = "gpt2";
  options.batch = 8;
  return options;
}

uint64_t ComputeNs(const WorkloadOptions& options) {
  return CountWorkload(PlanWorkload(options)).front().compute_ns;
}

TEST(ComputeModel, CausalAttentionRunsHalfOfWhatItCounts) {
  AttentionShape shape{2, 1024, 8, 8, 64};
  const Formats formats;
  const Cost full = AttentionCost(formats, shape);
  shape.causal = true;
  const Cost causal = AttentionCost(formats, shape);
  EXPECT_EQ(causal.forward.operations, full.forward.operations);
  EXPECT_EQ(2 * causal.forward.matrix_kernels[0].operations,
            full.forward.matrix_kernels[0].operations);
  // Four products and the scores again: five where forward has two.
  EXPECT_EQ(2 * causal.backward.matrix_kernels[0].operations,
            5 * causal.forward.matrix_kernels[0].operations);
}

TEST(ComputeModel, UnfusedAttentionCountsTheSameAndMovesTheScores) {
  AttentionShape shape{2, 1024, 8, 8, 64};
  shape.causal = true;
  Formats formats;
  const Cost fused = AttentionCost(formats, shape);
  formats.attention = AttentionMethod::kUnfused;
  const Cost unfused = AttentionCost(formats, shape);
  uint64_t products = 0;
  for (const MatrixKernel& kernel : unfused.forward.matrix_kernels) products += kernel.operations;
  EXPECT_EQ(products, fused.forward.operations);
  const uint64_t scores = 2 * 8 * 1024 * 1024;
  // Two products write and read them, softmax and dropout read and write them.
  EXPECT_GT(unfused.forward.memory_bytes, fused.forward.memory_bytes + 12 * scores);
  EXPECT_GT(unfused.kept.own_bytes, 4 * scores);
  formats.recomputes_attention = true;
  const Cost selective = AttentionCost(formats, shape);
  EXPECT_EQ(selective.kept.own_bytes, 0u);
  EXPECT_EQ(selective.backward.operations,
            unfused.backward.operations + unfused.forward.operations);
}

TEST(ComputeModel, Fp8RunsProductsWithWeightsAndCasts) {
  Formats formats;
  formats.linear_in_fp8 = true;
  const Cost cost = LinearCost(formats, {64, 128, 256, false, true});
  EXPECT_EQ(cost.forward.matrix_kernels[0].precision, Precision::kFp8);
  const Cost wide = LinearCost({}, {64, 128, 256, false, true});
  EXPECT_EQ(cost.forward.operations, wide.forward.operations);
  EXPECT_EQ(cost.forward.kernels, wide.forward.kernels + 2);
  EXPECT_EQ(AttentionCost(formats, {1, 64, 1, 1, 64}).forward.matrix_kernels[0].precision,
            Precision::kBf16);
  WorkloadOptions options;
  options.model = "llama3-8b";
  const uint64_t bf16_ns = ComputeNs(options);
  options.precision = Precision::kFp8;
  EXPECT_LT(ComputeNs(options), bf16_ns);
  options.gpu = "a100-80gb";
  EXPECT_THROW(PlanWorkload(options), InputError);
}

TEST(ComputeModel, ShortParametersNeedNoCasts) {
  Formats formats;
  const Cost cast = LinearCost(formats, {64, 128, 256, false, true});
  formats.parameter = Precision::kBf16;
  const Cost cost = LinearCost(formats, {64, 128, 256, false, true});
  EXPECT_EQ(cost.forward.memory_bytes + 6 * 128 * 256, cast.forward.memory_bytes);
}

TEST(ComputeModel, FusionSavesTrafficAndNoOperations) {
  for (const char* model : {"resnet50", "llama3-8b", "gpt2"}) {
    WorkloadOptions options;
    options.model = model;
    const IterationTotals plain = CountWorkload(PlanWorkload(options)).front();
    options.compute.fuses_pointwise = true;
    const IterationTotals fused = CountWorkload(PlanWorkload(options)).front();
    EXPECT_LT(fused.memory_bytes, plain.memory_bytes) << model;
    EXPECT_LT(fused.compute_ns, plain.compute_ns) << model;
    EXPECT_EQ(fused.operations, plain.operations) << model;
    options.compute.fuses_convolution_norms = true;
    const IterationTotals more = CountWorkload(PlanWorkload(options)).front();
    const bool has_convolutions = std::string(model) == "resnet50";
    EXPECT_EQ(more.memory_bytes < fused.memory_bytes, has_convolutions) << model;
  }
}

TEST(RankHardware, PartsTheRanks) {
  const auto parts = ParseRankHardware("h100,a100-80gb:2-3,l40s:6", "1-2:0.5", 8);
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[0].ranks, (std::vector<uint32_t>{0, 4, 5, 7}));
  EXPECT_EQ(parts[1].ranks, (std::vector<uint32_t>{1}));
  EXPECT_EQ(parts[1].speed_ppm, 500000u);
  EXPECT_EQ(parts[2].ranks, (std::vector<uint32_t>{2}));
  EXPECT_EQ(parts[2].gpu, "a100-80gb");
  EXPECT_EQ(parts[3].ranks, (std::vector<uint32_t>{3}));
  EXPECT_EQ(parts[4].gpu, "l40s");
}

TEST(RankHardware, RefusesWhatMakesNoSense) {
  for (const auto& [gpus, speeds] :
       std::vector<std::pair<std::string, std::string>>{{"h100,a100", ""},
                                                        {"h100,a100:8", ""},
                                                        {"h100,a100:3-2", ""},
                                                        {"h100,a100:1-2,l40s:2", ""},
                                                        {"h100", "1"},
                                                        {"h100", "1:0"},
                                                        {"h100", "1:nan"},
                                                        {"h100", "9:0.5"},
                                                        {"h100", "1:0.5,0-3:0.7"},
                                                        {"h100", "1:2:3"}}) {
    EXPECT_THROW(ParseRankHardware(gpus, speeds, 8), InputError) << gpus << " " << speeds;
  }
}

TEST(RankHardware, SlowRanksAreAClassOfTheirOwn) {
  WorkloadOptions options = Gpt2();
  options.parallelism.data = 4;
  options.compute.speeds = "3:0.5";
  const auto totals = CountWorkload(PlanWorkload(options));
  ASSERT_EQ(totals.size(), 2u);
  EXPECT_GE(totals[1].compute_ns, 2 * totals[0].compute_ns);
  EXPECT_LE(totals[1].compute_ns, 2 * totals[0].compute_ns + totals[0].compute_nodes);
  EXPECT_EQ(totals[1].nodes, totals[0].nodes);
  options.gpu = "h100,a100-80gb:0-1";
  EXPECT_EQ(CountWorkload(PlanWorkload(options)).size(), 3u);
}

}  // namespace
}  // namespace ddlsim
