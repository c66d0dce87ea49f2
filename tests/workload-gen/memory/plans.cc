// SPDX-License-Identifier: MIT
#include "plans.h"

#include <algorithm>
#include <random>
#include <stdexcept>

#include "base/input-error.h"

namespace ddlsim {

WorkloadOptions TypedOptions(const std::vector<std::string>& words) {
  WorkloadOptions options;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    bool is_known = false;
    for (const WorkloadOption& option : WorkloadOptionTable()) {
      if (option.name != word.substr(0, equals)) continue;
      option.read(word.substr(equals + 1), options);
      is_known = true;
    }
    if (!is_known) throw std::logic_error("no option " + word);
  }
  CheckWorkloadOptions(options);
  return options;
}

Workload Planned(const std::vector<std::string>& words) {
  return PlanWorkload(TypedOptions(words));
}

std::vector<std::string> RandomPlan(uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&random](const std::vector<std::string>& choices) {
    return choices[random() % choices.size()];
  };
  for (;;) {
    std::vector<std::string> words = {
        "--model=" +
            pick({"gpt2", "llama3.2-1b", "qwen1.5-moe-a2.7b", "bert-base", "vit-b-16", "t5-small"}),
        "--dp=" + pick({"1", "2", "4"}),
        "--tp=" + pick({"1", "1", "2", "4"}),
        "--cp=" + pick({"1", "1", "2"}),
        "--ep=" + pick({"1", "1", "2", "4"}),
        "--pp=" + pick({"1", "2", "3"}),
        "--schedule=" + pick({"1f1b", "gpipe", "interleaved", "zero-bubble"}),
        "--virtual-stages=" + pick({"1", "2"}),
        "--zero=" + pick({"0", "1", "2", "3"}),
        "--overlap-param-gather=" + pick({"false", "false", "true"}),
        "--prefetch=" + pick({"0", "1", "2"}),
        "--microbatches=" + pick({"1", "3", "6"}),
        "--batch=6",
        "--sequence-parallel=" + pick({"true", "false"}),
        "--tp-comm-overlap=" + pick({"none", "none", "bulk", "ring_exchange", "pipeline:2"}),
        "--recompute=" + pick({"none", "full"}),
        "--precision=" + pick({"bf16", "fp32"}),
        "--parameter-precision=" + pick({"fp32", "bf16"}),
        "--gradient-precision=" + pick({"fp32", "bf16"})};
    // Refused elsewhere.
    if (words[8] != "--zero=3") {
      words.erase(
          std::remove_if(words.begin(), words.end(),
                         [](const std::string& word) { return word.rfind("--prefetch=", 0) == 0; }),
          words.end());
    }
    const std::string imbalance = pick({"1", "1", "1.7"});
    if (words[4] != "--ep=1") words.push_back("--expert-imbalance=" + imbalance);
    const std::string adapters = pick({"0", "0", "0", "16"});
    if (adapters != "0") words.push_back("--lora-rank=" + adapters);
    if (words.front() != "--model=vit-b-16") words.emplace_back("--sequence-length=128");
    try {
      Planned(words).plan.PartsOf(0);
      return words;
    } catch (const InputError&) {
    }
  }
}

}  // namespace ddlsim
