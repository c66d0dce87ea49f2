// SPDX-License-Identifier: MIT
//
// Models that users write as lists of layers.
#include "workload-gen/architecture/layer-list.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/input-error.h"
#include "workload-gen/architecture/architecture.h"
#include "workload-gen/program/program.h"

namespace ddlsim {
namespace {

class LayerListFile : public testing::Test {
 protected:
  LayerListFile() : m_path(testing::TempDir() + std::to_string(getpid()) + "layers.yaml") {}
  ~LayerListFile() override { std::filesystem::remove(m_path); }

  LayerModel Build(const std::string& text, const BatchShape& batch = {}) const {
    std::ofstream(m_path) << text;
    return BuildLayers(LoadArchitecture(m_path), batch, {});
  }
  static std::string Model(const std::string& input, const std::string& layers) {
    return "family: layers\nmodels:\n  mine:\n    title: Mine\n    source: a test\n    batch: 4\n"
           "    optimizer: adam\n    input: {" +
           input + "}\n    layers:\n" + layers;
  }
  // The example of the documentation.
  static std::string PageExample() {
    std::ifstream in("docs/workloads.md");
    std::ostringstream page;
    page << in.rdbuf();
    const std::string text = page.str();
    const size_t begin = text.find("```yaml\nfamily: layers");
    if (begin == text.npos) throw std::runtime_error("docs/workloads.md has no example");
    return text.substr(begin + 8, text.find("```", begin + 8) - begin - 8);
  }

  std::string m_path;
};

uint64_t ForwardMatrixOperations(const LayerModel& model) {
  uint64_t sum = 0;
  for (const Operation& operation : model.operations) {
    if (UnitOfClass(operation.operation_class) != ArithmeticUnit::kMatrix) continue;
    sum += operation.forward.operations;
  }
  return sum;
}

TEST_F(LayerListFile, TheExampleOfThePageRuns) {
  const LayerModel model = Build(PageExample(), {16, 256});
  constexpr uint64_t kHidden = 512, kRows = 16 * 256;
  const uint64_t block = 12 * kHidden * kHidden + 13 * kHidden;
  EXPECT_EQ(model.ParameterCount(), (32000 + 512) * kHidden + 6 * block + kHidden * 32000);
  EXPECT_EQ(ForwardMatrixOperations(model),
            kRows * (6 * (24 * kHidden * kHidden + 4 * 256 * kHidden) + 2 * kHidden * 32000));
  std::ostringstream out, errors;
  EXPECT_EQ(RunWorkloadProgram({"--model=" + m_path, "--dp=4", "--dry-run"}, out, errors), 0)
      << errors.str();
  EXPECT_NE(out.str().find("mine (A small language model), 51,944,448 parameters"),
            std::string::npos)
      << out.str();
}

// The same layers as the built-in perceptron and VGG-11, written by hand.
TEST_F(LayerListFile, EqualsTheFamiliesThatItRewrites) {
  std::string layers;
  for (int i = 0; i < 6; ++i) {
    const char* widths[] = {"2500", "2000", "1500", "1000", "500", "10"};
    const std::string n = std::to_string(i);
    layers += "      - {type: linear, name: l" + n + ", bias: true, width: " + widths[i] + "}\n";
    if (i < 5) layers += "      - {type: activation, name: a" + n + ", function: tanh}\n";
  }
  layers += "      - {type: loss}\n";
  const LayerModel mine = Build(Model("features: 841", layers), {128, 1});
  const LayerModel theirs = BuildLayers(LoadArchitecture("mlp"), {128, 1}, {});
  ASSERT_EQ(mine.operations.size(), theirs.operations.size());
  for (size_t i = 0; i < mine.operations.size(); ++i) {
    EXPECT_EQ(mine.operations[i].forward.memory_bytes, theirs.operations[i].forward.memory_bytes);
    EXPECT_EQ(mine.operations[i].backward.operations, theirs.operations[i].backward.operations);
    EXPECT_EQ(mine.operations[i].saved_bytes, theirs.operations[i].saved_bytes);
  }
  EXPECT_EQ(mine.ParameterCount(), theirs.ParameterCount());
}

TEST_F(LayerListFile, ImagesShrinkByTheStrideAlone) {
  const LayerModel model =
      Build(Model("image_size: 33, image_channels: 3",
                  "      - {type: convolution, channels: 8, kernel: 3, stride: 2}\n"  // 17 x 17
                  "      - {type: norm, kind: batch}\n"
                  "      - {type: max_pool}\n"  // 9 x 9
                  "      - {type: convolution, name: c2, channels: 8, kernel: 1, bias: true}\n"
                  "      - {type: add, inputs: [max_pool, c2]}\n"
                  "      - {type: flatten}\n"
                  "      - {type: linear, width: 10}\n"
                  "      - {type: loss}\n"),
            {2, 1});
  EXPECT_EQ(model.ParameterCount(), 27u * 8 + 16 + 8 * 8 + 8 + 9 * 9 * 8 * 10);
  EXPECT_EQ(ForwardMatrixOperations(model),
            2u * 2 * (17 * 17 * 27 * 8 + 9 * 9 * 8 * 8 + 9 * 9 * 8 * 10));
}

TEST_F(LayerListFile, EveryTypeBuilds) {
  const LayerModel model = Build(
      Model(
          "tokens: 32",
          "      - {type: embedding, vocabulary: 100, width: 16}\n"
          "      - {type: attention, heads: 4, key_value_heads: 2, rotary: true, window: 8}\n"
          "      - {type: attention, name: cross, heads: 4, inputs: [attention, embedding]}\n"
          "      - {type: experts, experts: 4, experts_per_token: 2, width: 8, shared_width: 8}\n"
          "      - {type: feed_forward, width: 8, activation: swiglu}\n"
          "      - {type: elementwise, forward_moves: 3, backward_moves: 2}\n"
          "      - {type: concatenate, inputs: [experts, elementwise]}\n"
          "      - {type: lstm, width: 24}\n"
          "      - {type: average_pool}\n"
          "      - {type: raw, operations: 1000, memory_bytes: 100, backward_operations: 2000,\n"
          "         backward_memory_bytes: 300, parameters: 77, output_values: 5, saved_bytes: 9,\n"
          "         class: matmul}\n"
          "      - {type: linear, width: 3}\n"
          "      - {type: loss}\n"),
      {2, 32});
  const Operation* raw = nullptr;
  for (const Operation& operation : model.operations) {
    if (operation.name == "raw") raw = &operation;
  }
  ASSERT_NE(raw, nullptr);
  EXPECT_EQ(raw->forward.operations, 2000u);
  EXPECT_EQ(raw->forward.memory_bytes, 200u);
  EXPECT_EQ(raw->backward.memory_bytes, 600u);
  EXPECT_EQ(raw->output_bytes, 2u * 2 * 5);
  EXPECT_EQ(raw->saved_bytes, 2u * 9 + 2 * 2 * 5);  // the linear layer reads its output again
  EXPECT_EQ(model.parameters[raw->parameters[0]].elements, 77u);
  EXPECT_EQ(model.inactive_parameters, 2u * 3 * 16 * 8);
}

TEST_F(LayerListFile, RepetitionsHaveNamesOfTheirOwn) {
  const LayerModel model = Build(Model("features: 8",
                                       "      - {type: linear, width: 8}\n"
                                       "      - repeat: 3\n"
                                       "        layers:\n"
                                       "          - {type: linear, name: inner, width: 8}\n"
                                       "          - {type: add, inputs: [block_input, inner]}\n"));
  ASSERT_EQ(model.operations.size(), 7u);
  EXPECT_EQ(model.operations[6].name, "block2.add");
  EXPECT_EQ(model.operations[6].block, 2);
  EXPECT_EQ(model.operations[6].inputs, (std::vector<size_t>{4, 5}));
  EXPECT_EQ(model.operations[1].inputs, std::vector<size_t>{0});
}

struct Broken {
  std::string input, layers;
  int line;
  std::string problem;
};

TEST_F(LayerListFile, WhatDoesNotFitIsRefusedWithItsLine) {
  const std::string first = "      - {type: linear, width: 8}\n";  // line 10
  const std::vector<Broken> cases = {
      {"features: 8, tokens: 9", first, 8, "not exactly one kind of sample"},
      {"pixels: 8", first, 8, "'pixels' is no key"},
      {"image_size: 8", first, 8, "lacks 'image_channels'"},
      {"features: 8", "      []\n", 9, "'layers' is empty"},
      {"features: 8", "      - {type: linear}\n", 10, "lacks 'width'"},
      {"features: 8", "      - {type: liner, width: 8}\n", 10, "'liner' is no value of 'type'"},
      {"features: 8", "      - {type: linear, width: 8, kernel: 3}\n", 10, "'kernel' is no key"},
      {"features: 8", "      - {type: linear, width: 8, name: a.b}\n", 10, "cannot be a layer's"},
      {"features: 8", first + "      - {type: linear, width: 8}\n", 11, "'linear' is taken"},
      {"features: 8", first + "      - {type: add, inputs: [linear]}\n", 11, "reads 1 layers"},
      {"features: 8", first + "      - {type: add}\n", 11, "reads 1 layers"},
      {"features: 8", first + "      - {type: add, inputs: [linear, later]}\n", 11,
       "no layer 'later'"},
      {"features: 8",
       first + "      - {type: linear, name: b, width: 9}\n"
               "      - {type: add, inputs: [linear, b]}\n",
       12, "different shapes"},
      {"features: 8", "      - {type: norm, kind: rms}\n", 10, "cannot be the first"},
      {"features: 8", "      - {type: convolution, channels: 8, kernel: 3}\n", 10, "no image"},
      {"features: 8", first + "      - {type: max_pool}\n", 11, "no image"},
      {"features: 8", first + "      - {type: lstm, width: 8}\n", 11, "no sequence"},
      {"features: 8", "      - {type: embedding, vocabulary: 9, width: 8}\n", 10, "no tokens"},
      {"tokens: 8", first, 10, "reads tokens"},
      {"features: 8", first + "      - {type: attention, heads: 3}\n", 11, "do not divide"},
      {"features: 8",
       first + "      - {type: experts, experts: 2, experts_per_token: 3, width: 4}\n", 11,
       "more experts than there are"},
      {"features: 8", "      - repeat: 20001\n        layers:\n          - {type: loss}\n", 10,
       "out of range"},
      {"features: 8", first + "      - repeat: 20000\n        layers:\n          - {type: loss}\n",
       13, "more than 20000 layers"},
      {"features: 8", "      - repeat: 2\n        layers: []\n", 11, "'layers' is empty"},
      {"features: 8", "      - repeat: 2\n        layers:\n          - repeat: 2\n", 12,
       "lacks 'type'"},
      {"tokens: 8", "      - {type: embedding, vocabulary: 9, width: 8, positions: 4}\n", 10,
       "positions for 4 of 8"}};
  for (const Broken& broken : cases) {
    try {
      Build(Model(broken.input, broken.layers), {1, 8});
      ADD_FAILURE() << broken.layers << " was accepted";
    } catch (const InputError& error) {
      const std::string place = m_path + ":" + std::to_string(broken.line);
      EXPECT_EQ(error.Place().substr(0, error.Place().find(" (")), place) << error.what();
      EXPECT_NE(error.Problem().find(broken.problem), std::string::npos) << error.what();
      EXPECT_FALSE(error.Remedy().empty()) << error.what();
    }
  }
}

// Sizes that are fine one by one and whose product is not.
TEST_F(LayerListFile, HugeProductsAreRefused) {
  std::string layers;
  for (int i = 0; i < 3; ++i) {
    layers += "      - {type: linear, name: l" + std::to_string(i) + ", width: 16777216}\n";
  }
  EXPECT_THROW(Build(Model("features: 16777216", layers), {uint64_t{1} << 20, 1}), InputError);
  // Each level joins 256 copies of the one before.
  layers = "      - {type: linear, name: j0, width: 16777216}\n";
  for (int i = 1; i < 7; ++i) {
    const std::string last = "j" + std::to_string(i - 1);
    layers += "      - {type: concatenate, name: j" + std::to_string(i) + ", inputs: [" + last;
    for (int k = 1; k < 256; ++k) layers += ", " + last;
    layers += "]}\n";
  }
  EXPECT_THROW(Build(Model("features: 1", layers), {1, 1}), InputError);
  // Parameters of many layers, each within bounds.
  layers =
      "      - {type: linear, width: 1}\n      - repeat: 19000\n        layers:\n"
      "          - {type: raw, operations: 1, memory_bytes: 1, backward_operations: 1,\n"
      "             backward_memory_bytes: 1, parameters: 1125899906842624, class: norm}\n";
  EXPECT_THROW(Build(Model("features: 1", layers), {1, 1}), InputError);
}

}  // namespace
}  // namespace ddlsim
