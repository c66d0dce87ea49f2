// SPDX-License-Identifier: MIT
//
// Operations of whole models against published closed forms.
#include <gtest/gtest.h>

#include <string>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/graph/training-graph.h"

namespace ddlsim {
namespace {

struct MatrixOperations {
  uint64_t forward = 0;
  uint64_t backward = 0;
};

// Operations of matrix products, which is what the closed forms count.
MatrixOperations Count(const LayerModel& model) {
  MatrixOperations sum;
  for (const Operation& operation : model.operations) {
    if (UnitOfClass(operation.operation_class) != ArithmeticUnit::kMatrix) continue;
    sum.forward += operation.forward.operations;
    sum.backward += operation.backward.operations;
  }
  return sum;
}

MatrixOperations Count(const std::string& name, const BatchShape& batch) {
  return Count(BuildLayers(LoadArchitecture(name), batch, {}));
}

// Narayanan et al. 2021 (Megatron-LM, arXiv 2104.04473), section 5.1 and appendix: an iteration
// takes 96 B s l h^2 (1 + s / 6h + V / 16 l h) operations when activations are recomputed, and
// 72 B s l h^2 (1 + s / 6h + V / 12 l h) when not. In whole numbers:
//   layers, per pass of forward size: 24 B s l h^2 + 4 B s^2 l h; output layer: 2 B s h V.
struct MegatronCase {
  const char* model;
  uint64_t layers, hidden, vocabulary, batch, sequence_length;
};

TEST(Operations, DecodersEqualMegatronsFormula) {
  const MegatronCase cases[] = {{"gpt2", 12, 768, 50257, 8, 1024},
                                {"gpt2-xl", 48, 1600, 50257, 3, 1000},
                                {"gpt3-6.7b", 32, 4096, 50257, 2, 2048},
                                {"gpt3-175b", 96, 12288, 50257, 1, 2048}};
  for (const MegatronCase& c : cases) {
    const uint64_t layers =
        24 * c.batch * c.sequence_length * c.layers * c.hidden * c.hidden +
        4 * c.batch * c.sequence_length * c.sequence_length * c.layers * c.hidden;
    const uint64_t output = 2 * c.batch * c.sequence_length * c.hidden * c.vocabulary;
    const MatrixOperations count = Count(c.model, {c.batch, c.sequence_length});
    EXPECT_EQ(count.forward, layers + output) << c.model;
    EXPECT_EQ(count.forward + count.backward, 3 * (layers + output)) << c.model;
    // The factored form of the paper, in floating point.
    const double b = static_cast<double>(c.batch), s = static_cast<double>(c.sequence_length),
                 l = static_cast<double>(c.layers), h = static_cast<double>(c.hidden),
                 v = static_cast<double>(c.vocabulary);
    const double paper = 72 * b * s * l * h * h * (1 + s / (6 * h) + v / (12 * l * h));
    EXPECT_NEAR(static_cast<double>(count.forward + count.backward) / paper, 1, 1e-12) << c.model;
  }
}

TEST(Operations, RecomputationRunsTheLayersAFourthTime) {
  TrainingPlan plan;
  plan.model = BuildLayers(LoadArchitecture("gpt3-1.3b"), {2, 2048}, plan.formats);
  plan.gpu = LoadGpu("a100-80gb");
  plan.recompute = true;
  uint64_t operations = 0;
  EmitTrainingGraph(plan, 0, [&](const GraphNode& node) {
    if (UnitOfClass(node.operation_class) == ArithmeticUnit::kMatrix) operations += node.operations;
  });
  const double b = 2, s = 2048, l = 24, h = 2048, v = 50257;
  const double paper = 96 * b * s * l * h * h * (1 + s / (6 * h) + v / (16 * l * h));
  EXPECT_NEAR(static_cast<double>(operations) / paper, 1, 1e-12);
}

// Kaplan et al. 2020 (arXiv 2001.08361), section 2.1: forward 2 N + 2 l s d_attn per token with N
// the parameters of the layers without embeddings; training is three times that. Their attention
// term counts causal scores (s/2 on average), so ours is twice theirs.
TEST(Operations, LlamaEqualsSixNPerToken) {
  struct Case {
    const char* model;
    uint64_t layers, hidden, vocabulary;
  };
  for (const Case& c :
       {Case{"llama2-7b", 32, 4096, 32000}, Case{"llama2-70b", 80, 8192, 32000},
        Case{"llama3-8b", 32, 4096, 128256}, Case{"llama3-405b", 126, 16384, 128256}}) {
    constexpr uint64_t kTokens = 4096;
    const LayerModel model = BuildLayers(LoadArchitecture(c.model), {1, kTokens}, {});
    // Of all parameters, the input embedding and the norms take part in no matrix product.
    const uint64_t in_products =
        model.ParameterCount() - c.vocabulary * c.hidden - (2 * c.layers + 1) * c.hidden;
    const MatrixOperations count = Count(model);
    const uint64_t attention = 4 * kTokens * kTokens * c.layers * c.hidden;
    EXPECT_EQ(count.forward, 2 * in_products * kTokens + attention) << c.model;
    EXPECT_EQ(count.forward + count.backward, 3 * count.forward) << c.model;
  }
}

// He et al. 2015 and torchvision (ResNet50_Weights: 4.09 GFLOPS, a multiply-add counted as one).
TEST(Operations, ResNetEqualsThePublishedMultiplyAdds) {
  struct Case {
    const char* model;
    double published;
    double rounding;
  };
  for (const Case& c : {Case{"resnet50", 4.09e9, 0.005e9}, Case{"resnet101", 7.8e9, 0.05e9},
                        Case{"resnet152", 11.51e9, 0.01e9}}) {
    EXPECT_NEAR(static_cast<double>(Count(c.model, {1, 1}).forward) / 2, c.published, c.rounding)
        << c.model;
  }
  // Every stage in closed form (convolutions and classifier): 4,089,184,256 multiply-adds.
  const MatrixOperations count = Count("resnet50", {1, 1});
  EXPECT_EQ(count.forward, uint64_t{2} * 4089184256);
  // The stem's input needs no gradient; everything else has two products backward.
  const uint64_t stem = 2u * 112 * 112 * 7 * 7 * 3 * 64;
  EXPECT_EQ(count.backward, 2 * count.forward - stem);
  EXPECT_EQ(Count("resnet50", {7, 1}).forward, 7 * count.forward);
}

TEST(Operations, BertPredictsTheMaskedPositionsOnly) {
  constexpr uint64_t kBatch = 4, kSequence = 512, kLayers = 24, kHidden = 1024, kVocabulary = 30522;
  const uint64_t layers = 24 * kBatch * kSequence * kLayers * kHidden * kHidden +
                          4 * kBatch * kSequence * kSequence * kLayers * kHidden;
  const uint64_t masked = (kBatch * kSequence * 15 + 99) / 100;
  const uint64_t output = 2 * masked * kHidden * kVocabulary;
  const uint64_t pooler = 2 * kBatch * kHidden * kHidden;
  EXPECT_EQ(Count("bert-large", {kBatch, kSequence}).forward, layers + output + pooler);
}

}  // namespace
}  // namespace ddlsim
