// SPDX-License-Identifier: MIT
//
// Memory that a layer holds from its forward to its backward pass, against Korthikanti et al. 2022
// (Reducing Activation Recomputation in Large Transformer Models, arXiv 2205.05198), section 4.1:
// 34 s b h + 5 a s^2 b bytes per layer of GPT, of which 2 s b h are the masks of two dropouts,
// which are not modelled, and all of 5 a s^2 b belongs to scores that fused attention never stores.
#include <gtest/gtest.h>

#include <string>

#include "workload-gen/architecture/architecture.h"

namespace ddlsim {
namespace {

uint64_t SavedBytes(const LayerModel& model, int block) {
  uint64_t sum = 0;
  for (const Operation& operation : model.operations) {
    if (operation.block == block) sum += operation.saved_bytes;
  }
  return sum;
}

TEST(SavedActivations, OfAGptLayerAreKorthikantisLessDropoutAndScores) {
  struct Case {
    const char* model;
    uint64_t hidden, heads, batch, sequence_length;
  };
  for (const Case& c : {Case{"gpt2", 768, 12, 8, 1024}, Case{"gpt3-175b", 12288, 96, 1, 2048},
                        Case{"gpt3-2.7b", 2560, 32, 3, 1000}}) {
    const LayerModel model =
        BuildLayers(LoadArchitecture(c.model), {c.batch, c.sequence_length}, {});
    const uint64_t rows = c.batch * c.sequence_length;
    const uint64_t paper = 34 * rows * c.hidden;
    const uint64_t dropout_masks = 2 * rows * c.hidden;
    // In fp32, which the paper leaves out as small: two norms with mean and deviation per row, and
    // the softmax's normaliser per row and head.
    const uint64_t statistics = 2 * 2 * 4 * rows + 4 * rows * c.heads;
    for (int block : {0, 5}) {
      EXPECT_EQ(SavedBytes(model, block), paper - dropout_masks + statistics) << c.model;
    }
  }
}

// Section 4.3 there: 4 s b v for the output layer, its logits in fp32; and the targets' indices.
TEST(SavedActivations, OfTheLossAreTheLogitsInFp32) {
  const LayerModel model = BuildLayers(LoadArchitecture("gpt2"), {8, 1024}, {});
  const uint64_t rows = 8 * 1024;
  EXPECT_EQ(model.operations.back().saved_bytes, 4 * rows * 50257 + 8 * rows);
  EXPECT_EQ(model.operations[model.operations.size() - 2].saved_bytes, 0u);  // half-precision ones
}

// Llama 3 8B by hand: what the two norms, the products, the attention and the gate read again.
TEST(SavedActivations, OfALlamaLayerByHand) {
  const LayerModel model = BuildLayers(LoadArchitecture("llama3-8b"), {2, 512}, {});
  const uint64_t rows = 2 * 512, h = 4096, kv = 1024, f = 14336;
  const uint64_t tensors = 2 * rows *
                           (2 * h      // both norms' inputs
                            + 2 * h    // and outputs
                            + h + kv   // rotated query and key
                            + kv       // value
                            + h        // attention's output
                            + 3 * f);  // gate, up, product
  EXPECT_EQ(SavedBytes(model, 3), tensors + 2 * 4 * rows + 4 * rows * 32);
}

// Statistics and indices alone do not shrink with the format.
TEST(SavedActivations, FollowTheFormat) {
  const Architecture resnet = LoadArchitecture("resnet50");
  const LayerModel half = BuildLayers(resnet, {4, 1}, {});
  const LayerModel full = BuildLayers(resnet, {4, 1}, {Precision::kFp32, Precision::kFp32});
  uint64_t half_bytes = 0, full_bytes = 0;
  for (size_t i = 0; i < half.operations.size(); ++i) {
    half_bytes += half.operations[i].saved_bytes;
    full_bytes += full.operations[i].saved_bytes;
    const bool loss = half.operations[i].operation_class == "loss";
    EXPECT_EQ(full.operations[i].output_bytes, (loss ? 1 : 2) * half.operations[i].output_bytes)
        << half.operations[i].name;
  }
  EXPECT_GT(full_bytes, half_bytes * 19 / 10);
  EXPECT_LT(full_bytes, half_bytes * 2);
}

TEST(SavedActivations, EveryOperationHandsSomethingOn) {
  for (const Architecture& architecture : ListArchitectures()) {
    const LayerModel model = BuildLayers(architecture, {2, 64}, {});
    for (const Operation& operation : model.operations) {
      EXPECT_GT(operation.output_bytes, 0u) << architecture.name << " " << operation.name;
    }
  }
}

}  // namespace
}  // namespace ddlsim
