// SPDX-License-Identifier: MIT
//
// Parameter counts against published ones, exactly.
#include <gtest/gtest.h>

#include <string>

#include "workload-gen/architecture/architecture.h"

namespace ddlsim {
namespace {

struct Published {
  const char* model;
  uint64_t parameters;
  const char* source;
};

// What the released checkpoints hold: the number that model.parameters() sums to, buffers and
// duplicates of tied weights not counted.
const Published kPublished[] = {
    {"gpt2", 124439808, "huggingface openai-community/gpt2, GPT2LMHeadModel"},
    {"gpt2-medium", 354823168, "huggingface openai-community/gpt2-medium"},
    {"gpt2-large", 774030080, "huggingface openai-community/gpt2-large"},
    {"gpt2-xl", 1557611200, "huggingface openai-community/gpt2-xl"},
    {"llama2-7b", 6738415616, "huggingface meta-llama/Llama-2-7b-hf"},
    {"llama2-13b", 13015864320, "huggingface meta-llama/Llama-2-13b-hf"},
    {"llama2-70b", 68976648192, "huggingface meta-llama/Llama-2-70b-hf"},
    {"llama3-8b", 8030261248, "huggingface meta-llama/Meta-Llama-3-8B"},
    {"llama3-70b", 70553706496, "huggingface meta-llama/Meta-Llama-3-70B"},
    {"llama3-405b", 405853388800, "huggingface meta-llama/Llama-3.1-405B"},
    {"bert-base", 109482240, "huggingface google-bert/bert-base-uncased, BertModel with pooler"},
    {"bert-large", 335141888, "huggingface google-bert/bert-large-uncased, BertModel with pooler"},
    {"llama3.2-1b", 1235814400, "huggingface meta-llama/"},
    {"llama3.2-3b", 3212749824, "huggingface meta-llama/"},
    {"mistral-7b", 7241732096, "huggingface mistralai/Mistral-7B-v0.1"},
    {"mixtral-8x7b", 46702792704, "huggingface mistralai/"},
    {"mixtral-8x22b", 140620634112, "huggingface mistralai/"},
    {"qwen2-0.5b", 494032768, "huggingface Qwen/"},
    {"qwen2-1.5b", 1543714304, "huggingface Qwen/"},
    {"qwen2.5-3b", 3085938688, "huggingface Qwen/"},
    {"qwen2-7b", 7615616512, "huggingface Qwen/"},
    {"qwen2.5-14b", 14770033664, "huggingface Qwen/"},
    {"qwen2.5-32b", 32763876352, "huggingface Qwen/"},
    {"qwen2-72b", 72706203648, "huggingface Qwen/"},
    {"qwen1.5-moe-a2.7b", 14315784192, "huggingface Qwen/"},
    {"qwen2-57b-a14b", 57408658944, "huggingface Qwen/"},
    {"qwen3-0.6b", 596049920, "huggingface Qwen/"},
    {"qwen3-1.7b", 1720574976, "huggingface Qwen/"},
    {"qwen3-4b", 4022468096, "huggingface Qwen/"},
    {"qwen3-8b", 8190735360, "huggingface Qwen/"},
    {"qwen3-14b", 14768307200, "huggingface Qwen/"},
    {"qwen3-32b", 32762123264, "huggingface Qwen/"},
    {"qwen3-30b-a3b", 30532122624, "huggingface Qwen/"},
    {"qwen3-235b-a22b", 235093634560, "huggingface Qwen/"},
    {"deepseek-v2-lite", 15706484224,
     "huggingface deepseek-ai/, without prediction module and balancing bias"},
    {"deepseek-v2", 235741434880,
     "huggingface deepseek-ai/, without prediction module and balancing bias"},
    {"deepseek-v3", 671026404352,
     "huggingface deepseek-ai/, without prediction module and balancing bias"},
    {"t5-small", 60506624, "huggingface google-t5/"},
    {"t5-base", 222903552, "huggingface google-t5/"},
    {"t5-large", 737668096, "huggingface google-t5/"},
    {"t5-3b", 2851598336, "huggingface google-t5/"},
    {"t5-11b", 11307321344, "huggingface google-t5/"},
    {"vit-b-16", 86567656, "torchvision ViT_*_Weights"},
    {"vit-l-16", 304326632, "torchvision ViT_*_Weights"},
    {"vit-h-14", 632045800, "torchvision ViT_*_Weights"},
    {"vgg11", 132863336, "torchvision VGG*_Weights"},
    {"vgg13", 133047848, "torchvision VGG*_Weights"},
    {"vgg16", 138357544, "torchvision VGG*_Weights"},
    {"vgg19", 143667240, "torchvision VGG*_Weights"},
    {"resnet50", 25557032, "torchvision ResNet50_Weights"},
    {"resnet101", 44549160, "torchvision ResNet101_Weights"},
    {"resnet152", 60192808, "torchvision ResNet152_Weights"},
};

TEST(ParameterCount, EqualsThePublishedNumberExactly) {
  for (const Published& published : kPublished) {
    const Architecture model = LoadArchitecture(published.model);
    EXPECT_EQ(BuildLayers(model, {}, {}).ParameterCount(), published.parameters)
        << published.model << ": " << published.source;
    EXPECT_EQ(model.parameters, published.parameters) << published.model;
  }
}

TEST(ParameterCount, DoesNotDependOnBatchOrFormats) {
  for (const Architecture& model : ListArchitectures()) {
    const Formats formats{Precision::kFp32, Precision::kBf16};
    EXPECT_EQ(BuildLayers(model, {}, {}).ParameterCount(),
              BuildLayers(model, {3, 17}, formats).ParameterCount())
        << model.name;
  }
}

// GPT-3 was not released; Brown et al. 2020, table 2.1, rounds. The rounding of the names is up to
// 1.8 % (2.65 billion are called 2.7B).
TEST(ParameterCount, Gpt3IsWithinTheRoundingOfItsPaper) {
  const std::pair<const char*, double> sizes[] = {
      {"gpt3-125m", 125e6}, {"gpt3-350m", 350e6}, {"gpt3-760m", 760e6}, {"gpt3-1.3b", 1.3e9},
      {"gpt3-2.7b", 2.7e9}, {"gpt3-6.7b", 6.7e9}, {"gpt3-13b", 13e9},   {"gpt3-175b", 174.6e9}};
  for (const auto& [name, size] : sizes) {
    const double count =
        static_cast<double>(BuildLayers(LoadArchitecture(name), {}, {}).ParameterCount());
    EXPECT_NEAR(count, size, 0.02 * size) << name;
  }
  // The table gives 174,600 million for the largest: 12 L h^2 + 13 L h + 2 h, and two embeddings.
  constexpr uint64_t kLayers = 96, kHidden = 12288, kVocabulary = 50257, kPositions = 2048;
  EXPECT_EQ(BuildLayers(LoadArchitecture("gpt3-175b"), {}, {}).ParameterCount(),
            kLayers * (12 * kHidden * kHidden + 13 * kHidden) + 2 * kHidden +
                (kVocabulary + kPositions) * kHidden);
}

}  // namespace
}  // namespace ddlsim
