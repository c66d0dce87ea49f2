// SPDX-License-Identifier: MIT
#include "workload-gen/architecture/architecture.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/input-error.h"

namespace ddlsim {
namespace {

TEST(Architecture, AliasesNameTheSameModel) {
  EXPECT_EQ(LoadArchitecture("gpt2-small").name, "gpt2");
  EXPECT_EQ(LoadArchitecture("gpt2").title, "GPT-2 small");
  EXPECT_EQ(LoadArchitecture("gpt3").name, "gpt3-175b");
}

TEST(Architecture, EveryModelStatesItsSourceAndUsesEveryParameter) {
  const std::vector<Architecture> models = ListArchitectures();
  EXPECT_GE(models.size(), 21u);
  for (const Architecture& model : models) {
    EXPECT_FALSE(model.source.empty()) << model.name;
    const LayerModel layers = BuildLayers(model, {}, {});
    std::vector<bool> used(layers.parameters.size(), false);
    for (size_t i = 0; i < layers.operations.size(); ++i) {
      const Operation& operation = layers.operations[i];
      for (size_t input : operation.inputs) EXPECT_LT(input, i) << operation.name;
      for (size_t parameter : operation.parameters) used.at(parameter) = true;
      EXPECT_TRUE(operation.parameters.empty() || operation.has_backward) << operation.name;
    }
    for (size_t i = 0; i < used.size(); ++i) EXPECT_TRUE(used[i]) << layers.parameters[i].name;
  }
}

TEST(Architecture, UnknownNameSuggestsTheNearest) {
  try {
    LoadArchitecture("lama3-8b");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.Place(), "--model");
    EXPECT_NE(error.Remedy().find("did you mean 'llama3-8b'?"), std::string::npos);
  }
}

const char* const kModel =
    "family: transformer\n"            // 1
    "shared:\n"                        // 2
    "  source: a test\n"               // 3
    "  vocabulary: 100\n"              // 4
    "  positions: 32\n"                // 5
    "  position_embedding: learned\n"  // 6
    "  normalization: layer\n"         // 7
    "  norm_position: pre\n"           // 8
    "  activation: gelu\n"             // 9
    "  bias: true\n"                   // 10
    "  fused_qkv: true\n"              // 11
    "  tied_embedding: true\n"         // 12
    "  optimizer: adam\n"              // 13
    "  batch: 2\n"                     // 14
    "models:\n"                        // 15
    "  tiny:\n"                        // 16
    "    title: Tiny\n"                // 17
    "    layers: 2\n"                  // 18
    "    hidden: 8\n"                  // 19
    "    heads: 2\n"                   // 20
    "    feed_forward: 32\n"           // 21
    "    parameters: 2816\n";          // 22

struct Broken {
  std::string old_text, new_text;
  int line;
  std::string problem;
};

TEST(Architecture, BrokenFilesAreRefusedWithTheirLine) {
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "broken-model.yaml";
  std::ofstream(path) << kModel;
  // Embeddings (100 + 32) * 8, two blocks of 12 h^2 + 13 h, final norm.
  EXPECT_EQ(LoadArchitecture(path).parameters, 132u * 8 + 2 * (12 * 64 + 13 * 8) + 16);
  const std::vector<Broken> cases = {
      {"family: transformer", "family: recursive", 1, "'recursive' is no value of 'family'"},
      {"models:", "model:", 15, "'model' is no key"},
      {"  vocabulary: 100\n", "", 16, "lacks 'vocabulary'"},
      {"vocabulary: 100", "vocabulary: 0", 4, "out of range"},
      {"vocabulary: 100", "vocabulary: -5", 4, "is negative"},
      {"vocabulary: 100", "vocabulary: 1e3", 4, "is not a whole number"},
      {"vocabulary: 100", "vocabulary: 99999999999", 4, "out of range"},
      {"bias: true", "bias: yes", 10, "'yes' is no value of 'bias'"},
      {"activation: gelu", "activation: gelo", 9, "'gelo' is no value of 'activation'"},
      {"layers: 2", "layer: 2", 18, "'layer' is no key"},
      {"layers: 2", "layers: 10001", 18, "out of range"},
      {"heads: 2", "heads: 3", 20, "does not divide"},
      {"    heads: 2\n", "    heads: 2\n    key_value_heads: 4\n", 21, "does not divide"},
      {"    layers: 2\n", "    layers: 3\n", 17, "but the shapes make"},
      {"  tiny:", "  tiny: 5\n  tony:", 16, "expected 'tiny'"},
      {"    layers: 2\n", "    layers: 2\n    layers: 2\n", 19, "given twice"},
      {"    title: Tiny\n", "    stage_blocks: [1]\n", 17, "'stage_blocks' is no key"},
  };
  for (const Broken& broken : cases) {
    std::string text = kModel;
    const size_t at = text.find(broken.old_text);
    ASSERT_NE(at, text.npos) << broken.old_text;
    text.replace(at, broken.old_text.size(), broken.new_text);
    std::ofstream(path) << text;
    try {
      LoadArchitecture(path);
      ADD_FAILURE() << broken.new_text << " was accepted";
    } catch (const InputError& error) {
      const std::string place = path + ":" + std::to_string(broken.line);
      EXPECT_EQ(error.Place().substr(0, error.Place().find(" (")), place) << error.what();
      EXPECT_NE(error.Problem().find(broken.problem), std::string::npos) << error.what();
      EXPECT_FALSE(error.Remedy().empty()) << error.what();
    }
  }
  std::filesystem::remove(path);
}

TEST(Architecture, TwoModelsInANamedFileAreAmbiguous) {
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "two-models.yaml";
  std::ofstream(path) << kModel << "  twin:\n    title: Twin\n    layers: 1\n    hidden: 8\n"
                      << "    heads: 2\n    feed_forward: 32\n";
  EXPECT_THROW(LoadArchitecture(path), InputError);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace ddlsim
