// SPDX-License-Identifier: MIT
//
// Parameters and operations of the newer families against published figures.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "workload-gen/architecture/architecture.h"

namespace ddlsim {
namespace {

uint64_t ForwardMatrixOperations(const LayerModel& model) {
  uint64_t sum = 0;
  for (const Operation& operation : model.operations) {
    if (UnitOfClass(operation.operation_class) != ArithmeticUnit::kMatrix) continue;
    sum += operation.forward.operations;
  }
  return sum;
}

// Parameters per token of mixtures of experts, in billions as their papers round them.
// Qwen's names and DeepSeek-V2-Lite's 2.4 leave the embedding out; there `embedding` is subtracted.
TEST(Families, ExpertsActivateThePublishedParameters) {
  struct Case {
    const char* model;
    double active, rounding;
    uint64_t embedding;
    const char* source;
  };
  const Case cases[] = {
      {"mixtral-8x7b", 12.9, 0.05, 0, "Jiang et al. 2024, section 1: 13B; the release says 12.9B"},
      {"mixtral-8x22b", 39, 0.5, 0, "Mistral AI 2024, Cheaper, Better, Faster, Stronger: 39B"},
      {"deepseek-v2-lite", 2.4, 0.06, uint64_t{102400} * 2048, "arXiv 2405.04434, appendix B"},
      {"deepseek-v2", 21, 0.5, 0, "arXiv 2405.04434, abstract"},
      {"deepseek-v3", 37, 0.6, 0, "arXiv 2412.19437, abstract"},
      {"qwen1.5-moe-a2.7b", 2.7, 0.05, 0, "the model's name"},
      {"qwen2-57b-a14b", 14, 0.5, 0, "arXiv 2407.10671, table 1"},
      {"qwen3-30b-a3b", 3.3, 0.06, 0, "the release: 3.3B activated"},
      {"qwen3-235b-a22b", 22, 0.5, 0, "arXiv 2505.09388, table 2"}};
  for (const Case& c : cases) {
    const LayerModel model = BuildLayers(LoadArchitecture(c.model), {}, {});
    const uint64_t counted = model.ActiveParameterCount() - c.embedding;
    EXPECT_NEAR(static_cast<double>(counted) / 1e9, c.active, c.rounding)
        << c.model << ": " << c.source;
  }
}

// Forward, 2 operations per parameter that takes part in a product, and attention's scores.
TEST(Families, ExpertsTakeTwoOperationsPerActiveParameter) {
  constexpr uint64_t kTokens = 4096;
  for (const char* name : {"mixtral-8x7b", "mistral-7b", "qwen2-7b", "qwen3-8b", "qwen3-30b-a3b",
                           "deepseek-v2-lite", "deepseek-v2", "deepseek-v3", "qwen2-57b-a14b"}) {
    const Architecture architecture = LoadArchitecture(name);
    const auto& shape = std::get<TransformerShape>(architecture.shape);
    const LayerModel model = BuildLayers(architecture, {1, kTokens}, {});
    // The table, norms and biases are in no product.
    uint64_t in_products = model.ActiveParameterCount();
    for (const Operation& operation : model.operations) {
      for (size_t parameter : operation.parameters) {
        const ParameterTensor& tensor = model.parameters[parameter];
        const bool bias =
            tensor.name.size() > 5 && tensor.name.compare(tensor.name.size() - 5, 5, ".bias") == 0;
        if (operation.operation_class != "matmul" || bias) in_products -= tensor.elements;
      }
    }
    const AttentionLayer& attention = shape.attention;
    const uint64_t scores =
        2 * kTokens * kTokens * shape.layers * (attention.QueryWidth() + attention.OutputWidth());
    EXPECT_EQ(ForwardMatrixOperations(model), 2 * in_products * kTokens + scores) << name;
    // Nobody loses an expert: what is not active is whole experts beyond the chosen.
    const ExpertLayer& experts = shape.experts;
    if (!experts.Used()) continue;
    EXPECT_EQ(model.inactive_parameters, (shape.layers - experts.dense_layers) *
                                             (experts.experts - experts.per_token) * 3 *
                                             shape.hidden * experts.width)
        << name;
  }
}

// DeepSeek-V3's matrices by hand, from the figures of arXiv 2412.19437, section 4.2.
TEST(Families, LatentAttentionHasItsMatrices) {
  constexpr uint64_t kHidden = 7168, kHeads = 128, kQueryRank = 1536, kRank = 512;
  constexpr uint64_t kPerLayer = kHidden * kQueryRank + kQueryRank +  // queries down, norm
                                 kQueryRank * kHeads * (128 + 64) +   // and up
                                 kHidden * (kRank + 64) + kRank +     // keys, values down
                                 kRank * kHeads * (128 + 128) +       // and up
                                 kHeads * 128 * kHidden;              // output
  const LayerModel model = BuildLayers(LoadArchitecture("deepseek-v3"), {}, {});
  uint64_t elements = 0;
  for (const ParameterTensor& tensor : model.parameters) {
    if (tensor.name.rfind("block7.attention.", 0) == 0) elements += tensor.elements;
  }
  EXPECT_EQ(elements, kPerLayer);
}

// Simonyan and Zisserman 2014 and torchvision's weights: multiply-adds of one image.
TEST(Families, ImagesTakeThePublishedMultiplyAdds) {
  struct Case {
    const char* model;
    double published, rounding;
  };
  for (const Case& c : {Case{"vgg11", 7.61e9, 0.01e9}, Case{"vgg13", 11.31e9, 0.01e9},
                        Case{"vgg16", 15.47e9, 0.01e9}, Case{"vgg19", 19.63e9, 0.01e9},
                        Case{"vit-b-16", 17.56e9, 0.01e9}, Case{"vit-l-16", 61.55e9, 0.02e9},
                        Case{"vit-h-14", 167.29e9, 0.1e9}}) {
    const LayerModel model = BuildLayers(LoadArchitecture(c.model), {}, {});
    EXPECT_NEAR(static_cast<double>(ForwardMatrixOperations(model)) / 2, c.published, c.rounding)
        << c.model;
  }
}

// The layers' parameters times the tokens that pass them, and the scores: encoder s, decoder t.
TEST(Families, T5CountsInputAndTargetTokens) {
  constexpr uint64_t kBatch = 3, kInput = 512, kTarget = 114, kLayers = 24, kHidden = 1024,
                     kHeads = 128, kWidth = 65536, kInner = kHeads * 128, kVocabulary = 32128;
  constexpr uint64_t kAttention = 4 * kHidden * kInner, kFeedForward = 2 * kHidden * kWidth;
  const uint64_t encoder = kInput * 2 * (kAttention + kFeedForward) + 4 * kInput * kInput * kInner;
  const uint64_t decoder =
      kTarget * 2 * (kAttention + kFeedForward) + 4 * kTarget * kTarget * kInner    // itself
      + kTarget * 2 * (2 * kHidden * kInner) + kInput * 2 * (2 * kHidden * kInner)  // the encoder
      + 4 * kTarget * kInput * kInner;
  const uint64_t logits = kTarget * 2 * kHidden * kVocabulary;
  const LayerModel model = BuildLayers(LoadArchitecture("t5-11b"), {kBatch, kInput}, {});
  EXPECT_EQ(ForwardMatrixOperations(model), kBatch * (kLayers * (encoder + decoder) + logits));
}

// Zaremba et al. 2014, section 4.1, rounds to 20 and 66 million; Ciresan et al. 2010, table 1,
// counts 12.11 million weights. MLPerf and the DLRM paper give no sum; the embeddings are 540M and
// 24B.
TEST(Families, OldNetworksHaveTheirPublishedSizes) {
  auto parameters = [](const char* name) {
    return static_cast<double>(BuildLayers(LoadArchitecture(name), {}, {}).ParameterCount());
  };
  EXPECT_NEAR(parameters("lstm-medium"), 20e6, 0.5e6);
  EXPECT_NEAR(parameters("lstm-large"), 66e6, 0.5e6);
  EXPECT_NEAR(parameters("mlp"), 12.11e6, 0.01e6);
  // torch.nn.LSTM(1500, 1500, 2) with its two biases, between an embedding and a linear layer.
  EXPECT_EQ(parameters("lstm-large"),
            2 * 10000 * 1500 + 10000 + 2 * (8 * 1500.0 * 1500 + 8 * 1500));
  // Perceptrons by hand; the rows are the scripts'.
  const double kaggle = 13 * 512 + 512 + 512 * 256 + 256 + 256 * 64 + 64 + 64 * 16 + 16 +
                        367 * 512 + 512 + 512 * 256 + 256 + 256 + 1;
  EXPECT_EQ(parameters("dlrm-kaggle"), 33762577.0 * 16 + kaggle);
  EXPECT_NEAR(parameters("dlrm-mlperf"), 24e9, 0.1e9);
}

TEST(Families, LstmAndDlrmOperationsInClosedForm) {
  constexpr uint64_t kRows = 20 * 35, kHidden = 1500;
  const LayerModel lstm = BuildLayers(LoadArchitecture("lstm-large"), {20, 35}, {});
  EXPECT_EQ(ForwardMatrixOperations(lstm),
            2 * kRows * (2 * 8 * kHidden * kHidden + kHidden * 10000) + 2 * 30 * kRows * kHidden);
  const LayerModel dlrm = BuildLayers(LoadArchitecture("dlrm-kaggle"), {100, 1}, {});
  const uint64_t products =
      13 * 512 + 512 * 256 + 256 * 64 + 64 * 16 + 27 * 27 * 16 + 367 * 512 + 512 * 256 + 256;
  EXPECT_EQ(ForwardMatrixOperations(dlrm), 2 * 100 * products);
}

TEST(Families, PresetsForAFirstTryGrowAndFitAnH100) {
  uint64_t last = 0;
  for (const char* name : {"small", "medium", "large"}) {
    const uint64_t parameters = BuildLayers(LoadArchitecture(name), {}, {}).ParameterCount();
    EXPECT_GT(parameters, 2 * last) << name;
    EXPECT_LT(parameters * 16, 80e9) << name;  // parameters, gradients, Adam's state in fp32
    last = parameters;
  }
}

// Routing is balanced: the grouped products have tokens x chosen experts rows.
TEST(Families, DispatchAndCombineMoveTheChosenRows) {
  constexpr uint64_t kRows = 2 * 64, kHidden = 4096, kChosen = 2;
  const LayerModel model = BuildLayers(LoadArchitecture("mixtral-8x7b"), {2, 64}, {});
  auto find = [&](const std::string& name) -> const Operation& {
    for (const Operation& operation : model.operations) {
      if (operation.name == name) return operation;
    }
    throw std::out_of_range(name);
  };
  EXPECT_EQ(find("block0.experts.dispatch").output_bytes, 2 * kRows * kChosen * kHidden);
  EXPECT_EQ(find("block0.experts.gate").output_bytes, 2 * kRows * kChosen * 14336);
  EXPECT_EQ(find("block0.experts.down").output_bytes, 2 * kRows * kChosen * kHidden);
  EXPECT_EQ(find("block0.experts.combine").output_bytes, 2 * kRows * kHidden);
  EXPECT_EQ(find("block0.experts.gate").parameters.size(), 8u);
  EXPECT_EQ(find("block0.experts.gate").forward.operations, 2 * kRows * kChosen * kHidden * 14336);
}

}  // namespace
}  // namespace ddlsim
