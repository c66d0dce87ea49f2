// SPDX-License-Identifier: MIT
//
// Plans of a small mixture of experts, for tests of unequal loads.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/input-error.h"
#include "workload-gen/plan/workload.h"

namespace ddlsim {

// The first layer is dense; so few heads and such a small vocabulary that experts matter.
inline const char* const kExpertModel = R"(family: transformer
models:
  experts:
    source: "made up"
    title: Experts
    layers: 5
    hidden: 512
    heads: 8
    feed_forward: 512
    experts: 16
    experts_per_token: 2
    expert_width: 4096
    dense_layers: 1
    vocabulary: 512
    positions: 1024
    position_embedding: rotary
    normalization: rms
    norm_position: pre
    activation: swiglu
    bias: false
    fused_qkv: false
    tied_embedding: false
    optimizer: adam
    batch: 2
)";
constexpr uint64_t kLayers = 5, kDenseLayers = 1, kHidden = 512, kWidth = 4096, kPerToken = 2;
constexpr uint64_t kTokens = 2 * 1024;

class ExpertLoadPlans : public testing::Test {
 protected:
  void SetUp() override {
    m_folder = std::filesystem::path(testing::TempDir()) /
               ("expert-loads-" + std::to_string(getpid()) +
                testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(m_folder);
    std::ofstream(m_folder / "model.yaml") << kExpertModel;
  }
  void TearDown() override { std::filesystem::remove_all(m_folder); }

  WorkloadOptions Options(const std::vector<std::string>& words) const {
    WorkloadOptions options;
    options.model = (m_folder / "model.yaml").string();
    for (const std::string& word : words) {
      const size_t equals = word.find('=');
      for (const WorkloadOption& option : WorkloadOptionTable()) {
        if (option.name == word.substr(0, equals)) option.read(word.substr(equals + 1), options);
      }
    }
    CheckWorkloadOptions(options);
    return options;
  }
  Workload Planned(const std::vector<std::string>& words) const {
    return PlanWorkload(Options(words));
  }
  std::string File(const std::string& text) const {
    std::ofstream(m_folder / "loads.csv") << text;
    return "--expert-loads=" + (m_folder / "loads.csv").string();
  }
  std::string ErrorOf(const std::vector<std::string>& words) const {
    try {
      Planned(words);
    } catch (const InputError& error) {
      std::string text = error.what();
      const std::string folder = m_folder.string() + "/";
      for (size_t at; (at = text.find(folder)) != text.npos;) text.erase(at, folder.size());
      return text;
    }
    return "no error";
  }

  std::filesystem::path m_folder;
};

}  // namespace ddlsim
