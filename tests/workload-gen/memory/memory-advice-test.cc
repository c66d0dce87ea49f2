// SPDX-License-Identifier: MIT
//
// Verdicts and remedies: what is advised is tried.
#include <gtest/gtest.h>

#include <algorithm>

#include "plans.h"
#include "workload-gen/memory/memory-text.h"

namespace ddlsim {
namespace {

using Words = std::vector<std::string>;

// Options of the remedy replace those of the plan.
Words With(Words words, const MemoryRemedy& remedy) {
  for (const std::string& option : remedy.options) {
    const std::string name = option.substr(0, option.find('=') + 1);
    words.erase(std::remove_if(words.begin(), words.end(),
                               [&](const std::string& word) { return word.find(name) == 0; }),
                words.end());
    words.push_back(option);
  }
  return words;
}

void ExpectTrue(const Words& words, const MemoryRemedy& remedy) {
  const MemoryVerdict verdict = JudgeMemory(Planned(With(words, remedy)));
  EXPECT_EQ(verdict.PeakBytes(), remedy.peak_bytes) << remedy.options.front();
}

bool Names(const MemoryAdvice& advice, const std::string& option) {
  return std::any_of(advice.single.begin(), advice.single.end(),
                     [&](const MemoryRemedy& remedy) { return remedy.options == Words{option}; });
}

TEST(MemoryAdvice, SingleRemediesFit) {
  const Words words = {"--model=llama3-8b", "--dp=8", "--batch=1"};
  const Workload workload = Planned(words);
  EXPECT_FALSE(JudgeMemory(workload).Fits());
  const MemoryAdvice advice = AdviseMemory(workload);
  EXPECT_TRUE(Names(advice, "--zero=3"));
  EXPECT_FALSE(advice.together);
  for (const MemoryRemedy& remedy : advice.single) {
    ExpectTrue(words, remedy);
    EXPECT_LE(remedy.peak_bytes, workload.plan.gpu.memory_size_bytes);
  }
}

TEST(MemoryAdvice, RemediesAreCombinedWhereNoneSuffices) {
  const Words words = {"--model=llama3-70b", "--dp=4", "--batch=4", "--gpu=a100-40gb"};
  const Workload workload = Planned(words);
  const MemoryAdvice advice = AdviseMemory(workload);
  ASSERT_TRUE(advice.single.empty());
  ASSERT_TRUE(advice.together);
  EXPECT_GT(advice.together->options.size(), 1u);
  EXPECT_LE(advice.together->peak_bytes, workload.plan.gpu.memory_size_bytes);
  ExpectTrue(words, *advice.together);
}

// What would have to be smaller is the batch of a micro-batch's one sample: nothing helps.
TEST(MemoryAdvice, SaysWhereNothingHelps) {
  const Words words = {"--model=resnet50", "--batch=1", "--context-memory=100GB"};
  const Workload workload = Planned(words);
  const MemoryVerdict verdict = JudgeMemory(workload);
  EXPECT_FALSE(verdict.Fits());
  const MemoryAdvice advice = AdviseMemory(workload);
  EXPECT_TRUE(advice.single.empty());
  EXPECT_FALSE(advice.together);
  ASSERT_TRUE(advice.best_found);
  ExpectTrue(words, *advice.best_found);
  const auto lines = MemoryLines(verdict, advice, "h100");
  EXPECT_NE(lines.back().second.find("neither"), std::string::npos);
}

TEST(MemoryAdvice, TheManifestsNumbersAddUp) {
  const MemoryVerdict verdict =
      JudgeMemory(Planned({"--model=gpt2", "--dp=2", "--pp=2", "--microbatches=2"}));
  const auto json = MemoryJson(verdict);
  EXPECT_EQ(json["fits"], true);
  ASSERT_EQ(json["stages"].size(), 2u);
  for (const auto& stage : json["stages"]) {
    int64_t sum = 0;
    for (const auto& [key, value] : stage.items()) {
      if (key != "peak_bytes" && key != "micro_batches_held") sum += value.get<int64_t>();
    }
    EXPECT_EQ(sum, stage["peak_bytes"].get<int64_t>());
  }
}

TEST(MemoryAdvice, ParametersAreStoredAsProductsOrInFp32) {
  EXPECT_ANY_THROW(Planned({"--model=gpt2", "--precision=fp32", "--parameter-precision=bf16"}));
  EXPECT_ANY_THROW(Planned({"--model=gpt2", "--parameter-precision=fp16"}));
  EXPECT_NO_THROW(Planned({"--model=gpt2", "--precision=fp16", "--parameter-precision=fp16"}));
}

}  // namespace
}  // namespace ddlsim
