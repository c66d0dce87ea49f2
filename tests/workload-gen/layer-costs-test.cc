// SPDX-License-Identifier: MIT
//
// Operations and bytes of single layers, worked out by hand.
#include "workload-gen/layers/layer-costs.h"

#include <gtest/gtest.h>

#include "base/input-error.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

const Formats kFp32{Precision::kFp32, Precision::kFp32};
const Formats kMixed{Precision::kBf16, Precision::kFp32};

TEST(LayerCosts, LinearInOneFormat) {
  // 10 x 20 times 20 x 30.
  const Cost cost = LinearCost(kFp32, {10, 20, 30, false, true});
  EXPECT_EQ(cost.forward.operations, 2u * 10 * 20 * 30);
  EXPECT_EQ(cost.forward.memory_bytes, 4u * (200 + 600 + 300));
  EXPECT_EQ(cost.forward.kernels, 1u);
  EXPECT_EQ(cost.backward.operations, 2 * cost.forward.operations);
  EXPECT_EQ(cost.backward.memory_bytes, 2 * cost.forward.memory_bytes);
  EXPECT_EQ(cost.backward.kernels, 2u);
}

TEST(LayerCosts, LinearCastsItsWeightInMixedPrecision) {
  const Cost cost = LinearCost(kMixed, {10, 20, 30, false, true});
  EXPECT_EQ(cost.forward.memory_bytes, 2u * (200 + 600 + 300) + 600u * (4 + 2));
  EXPECT_EQ(cost.forward.kernels, 2u);
  EXPECT_EQ(cost.backward.memory_bytes, 2u * 2 * (200 + 600 + 300) + 600u * (4 + 2));
  EXPECT_EQ(cost.backward.kernels, 3u);
  const Cost half = LinearCost({Precision::kBf16, Precision::kBf16}, {10, 20, 30, false, true});
  EXPECT_EQ(half.backward.memory_bytes, 2u * 2 * (200 + 600 + 300));
}

TEST(LayerCosts, BiasAddsItsReadAndAColumnSum) {
  const Cost without = LinearCost(kFp32, {10, 20, 30, false, true});
  const Cost with = LinearCost(kFp32, {10, 20, 30, true, true});
  EXPECT_EQ(with.forward.operations, without.forward.operations);
  EXPECT_EQ(with.forward.memory_bytes, without.forward.memory_bytes + 4 * 30);
  EXPECT_EQ(with.backward.memory_bytes, without.backward.memory_bytes + 4 * 300 + 4 * 30);
  EXPECT_EQ(with.backward.kernels, without.backward.kernels + 1);
}

TEST(LayerCosts, NoInputGradientHalvesTheBackwardPass) {
  const Cost cost = ConvolutionCost(kFp32, {2, 8, 4, 3, 16, 7, false});
  // 2 images of 4 x 4 outputs, 7 x 7 x 3 inputs each, 16 channels.
  EXPECT_EQ(cost.forward.operations, 2u * (2 * 4 * 4) * (7 * 7 * 3) * 16);
  EXPECT_EQ(cost.forward.memory_bytes, 4u * (2 * 8 * 8 * 3 + 7 * 7 * 3 * 16 + 2 * 4 * 4 * 16));
  EXPECT_EQ(cost.backward.operations, cost.forward.operations);
  EXPECT_EQ(cost.backward.kernels, 1u);
}

TEST(LayerCosts, AttentionGrowsWithTheSquareOfTheSequence) {
  const Cost cost = AttentionCost(kMixed, {2, 100, 8, 2, 16});
  // Two products of 2 s^2 d each, per head and sample.
  EXPECT_EQ(cost.forward.operations, 2u * 2 * 100 * 100 * 16 * 8 * 2);
  EXPECT_EQ(cost.backward.operations, 2 * cost.forward.operations);
  const uint64_t query = 2 * 100 * 8 * 16;
  const uint64_t key = 2 * 100 * 2 * 16;
  const uint64_t statistics = 4 * 2 * 100 * 8;
  EXPECT_EQ(cost.forward.memory_bytes, 2 * (2 * query + 2 * key) + statistics);
  EXPECT_EQ(cost.backward.memory_bytes, 2 * (4 * query + 4 * key) + 2 * statistics);
}

TEST(LayerCosts, NormsMoveTheirTensors) {
  const Cost norm = NormCost(kMixed, 10, 100, 2);
  EXPECT_EQ(norm.forward.memory_bytes, 2u * 2 * 1000);
  EXPECT_EQ(norm.backward.memory_bytes, 2u * 5 * 1000);
  EXPECT_EQ(norm.output_bytes, 2u * 1000);
  EXPECT_EQ(norm.kept.own_bytes, 4u * 2 * 10);  // mean and deviation of each row
  EXPECT_EQ(NormCost(kMixed, 10, 100, 1).kept.own_bytes, 4u * 10);
  EXPECT_EQ(BatchNormCost(kMixed, 10, 100).forward.memory_bytes, 2u * 3 * 1000);
  EXPECT_EQ(BatchNormCost(kMixed, 10, 100).kept.own_bytes, 4u * 2 * 100);
}

TEST(LayerCosts, GradientsOfSeveralReadersAreAdded) {
  Work backward{7, 1000, 2};
  AddGradientSums(500, 1, backward);
  EXPECT_EQ(backward.memory_bytes, 1000u);
  AddGradientSums(500, 3, backward);
  EXPECT_EQ(backward.memory_bytes, 1000u + 2 * 3 * 500);
  EXPECT_EQ(backward.kernels, 4u);
}

TEST(LayerCosts, AttentionAcrossSequencesAndWithinAWindow) {
  AttentionShape shape{2, 100, 8, 2, 16};
  shape.value_dimension = 24;
  shape.key_length = 60;
  const Cost cost = AttentionCost(kMixed, shape);
  EXPECT_EQ(cost.forward.operations, 2u * 2 * 100 * 60 * 8 * (16 + 24));
  EXPECT_EQ(cost.forward.memory_bytes,
            2u * (2 * 100 * 8 * (16 + 24) + 2 * 60 * 2 * (16 + 24)) + 4 * 2 * 100 * 8);
  EXPECT_EQ(cost.output_bytes, 2u * 2 * 100 * 8 * 24);
  EXPECT_EQ(cost.kept.own_bytes, 4u * 2 * 100 * 8);
  shape.window = 10;
  EXPECT_EQ(AttentionCost(kMixed, shape).forward.operations * 6, cost.forward.operations);
  shape.window = 1000;
  EXPECT_EQ(AttentionCost(kMixed, shape).forward.operations, cost.forward.operations);
  shape.score_bias = true;
  EXPECT_EQ(AttentionCost(kMixed, shape).backward.memory_bytes,
            cost.backward.memory_bytes + 2u * 2 * (2 * 100 * 8 * 60));
}

TEST(LayerCosts, ExpertsShareTheRowsButNotTheWeights) {
  LinearShape shape{40, 20, 30, false, true};
  const Cost one = LinearCost(kFp32, shape);
  shape.weights = 8;
  const Cost eight = LinearCost(kFp32, shape);
  EXPECT_EQ(eight.forward.operations, one.forward.operations);
  EXPECT_EQ(eight.forward.memory_bytes, one.forward.memory_bytes + 7u * 4 * 20 * 30);
}

TEST(LayerCosts, LstmReadsItsWeightAtEveryStep) {
  const Cost short_run = LstmCost(kFp32, {4, 10, 16});
  const Cost long_run = LstmCost(kFp32, {4, 20, 16});
  // Per step and row 2 * 4 h^2 for the products; 30 h for the gates.
  EXPECT_EQ(short_run.forward.operations, 4u * 10 * (2 * 4 * 16 * 16 + 30 * 16));
  EXPECT_EQ(long_run.forward.memory_bytes, 2 * short_run.forward.memory_bytes);
  EXPECT_GT(short_run.forward.memory_bytes, 4u * 10 * (4 * 16 * 16));
  EXPECT_EQ(short_run.forward.kernels, 20u);
  EXPECT_EQ(short_run.output_bytes, 4u * 4 * 10 * 16);
  EXPECT_EQ(short_run.kept.own_bytes, 4u * 5 * 4 * 10 * 16);
}

TEST(LayerCosts, EmbeddingReadsRowsAndWritesADenseGradient) {
  const Cost cost = EmbeddingCost(kMixed, {10, 8, 1, 8 * 100, 0});
  EXPECT_EQ(cost.forward.memory_bytes, 10u * 8 * (4 + 2) + 10 * 8);
  EXPECT_EQ(cost.backward.memory_bytes, 4u * 800 + 10 * 8 * (2 + 4 + 4));
  const Cost tied = EmbeddingCost(kMixed, {10, 8, 1, 8 * 100, 8 * 100});
  EXPECT_EQ(tied.backward.memory_bytes, cost.backward.memory_bytes + 3 * 4 * 800);
}

TEST(LayerCosts, CrossEntropyRunsInFp32) {
  EXPECT_EQ(CrossEntropyCost(kFp32, 10, 100).forward.memory_bytes, 1000u * 8);
  EXPECT_EQ(CrossEntropyCost(kMixed, 10, 100).forward.memory_bytes, 1000u * (8 + 2 + 4));
  EXPECT_EQ(CrossEntropyCost(kMixed, 10, 100).backward.memory_bytes, 1000u * (16 + 4 + 2));
}

TEST(LayerCosts, OptimizersMovePublishedBytesPerParameter) {
  // Adam reads and writes parameter and two moments and reads the gradient: 28 bytes in fp32.
  EXPECT_EQ(OptimizerWork(kMixed, Optimizer::kAdam, 1000).memory_bytes, 28000u);
  EXPECT_EQ(OptimizerWork(kMixed, Optimizer::kSgdMomentum, 1000).memory_bytes, 20000u);
  EXPECT_EQ(OptimizerWork(kMixed, Optimizer::kSgd, 1000).memory_bytes, 12000u);
  EXPECT_EQ(OptimizerStateBytes(Optimizer::kAdam), 8u);
  EXPECT_EQ(OptimizerStateBytes(Optimizer::kSgd), 0u);
}

TEST(LayerCosts, ProductsAreChecked) {
  EXPECT_EQ(Product({3, 5, 7}), 105u);
  EXPECT_EQ(Product({}), 1u);
  EXPECT_EQ(Product({0, kProductMax}), 0u);
  EXPECT_EQ(Product({kProductMax}), kProductMax);
  EXPECT_THROW(Product({kProductMax, 2}), InputError);
  EXPECT_THROW(Product({UINT64_MAX}), InputError);
  EXPECT_THROW(Product({UINT64_MAX, 0}), InputError);
  EXPECT_THROW(Product({uint64_t{1} << 32, uint64_t{1} << 32, uint64_t{1} << 32}), InputError);
  EXPECT_EQ(Sum(1, 2), 3u);
  EXPECT_THROW(Sum(INT64_MAX, 1), InputError);
  EXPECT_THROW(LinearCost(kMixed, {uint64_t{1} << 40, uint64_t{1} << 24, 2, false, true}),
               InputError);
}

}  // namespace
}  // namespace ddlsim
