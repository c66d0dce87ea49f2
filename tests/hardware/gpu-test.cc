// SPDX-License-Identifier: MIT
#include "hardware/gpu.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/input-error.h"

namespace ddlsim {
namespace {

TEST(Gpu, EveryPresetLoads) {
  const std::vector<std::string> names = GpuPresetNames();
  EXPECT_GE(names.size(), 11u);
  for (const std::string& name : names) {
    const Gpu gpu = LoadGpu(name);
    EXPECT_EQ(gpu.name, name);
    EXPECT_GT(gpu.Peak(Precision::kFp32), 0u) << name;
    EXPECT_GE(std::max(gpu.Peak(Precision::kFp16), gpu.Peak(Precision::kBf16)),
              gpu.Peak(Precision::kFp32))
        << name;
    EXPECT_GT(gpu.matmul_efficiency, 0.4) << name;
    EXPECT_GT(gpu.memory_efficiency, 0.4) << name;
  }
}

TEST(Gpu, H100HasThePublishedNumbers) {
  const Gpu gpu = LoadGpu("h100");
  EXPECT_EQ(gpu.Peak(Precision::kBf16), 989000000000000u);
  EXPECT_EQ(gpu.Peak(Precision::kFp32), 67000000000000u);
  EXPECT_EQ(gpu.memory_bandwidth_bytes_per_s, 3350000000000u);
  EXPECT_EQ(gpu.memory_size_bytes, 80000000000u);
}

TEST(Gpu, V100HasNoBf16) {
  const Gpu gpu = LoadGpu("v100");
  EXPECT_EQ(gpu.Peak(Precision::kBf16), 0u);
  EXPECT_EQ(gpu.PrecisionNames(), (std::vector<std::string>{"fp16", "fp32"}));
}

TEST(Gpu, UnknownNameSuggestsTheNearest) {
  try {
    LoadGpu("h1000");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.Place(), "--gpu");
    EXPECT_EQ(error.Remedy(), "did you mean 'h100'?");
  }
}

TEST(Gpu, FolderComesFromTheEnvironment) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("gpu-presets" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  ASSERT_EQ(setenv("DDL_HARDWARE_DIR", folder.c_str(), 1), 0);
  EXPECT_THROW(GpuPresetNames(), InputError);  // no preset there
  std::ofstream(folder / "mine.yaml") << "kind: gpu\n";
  EXPECT_EQ(GpuPresetNames(), (std::vector<std::string>{"mine"}));
  EXPECT_THROW(LoadGpu("h100"), InputError);
  unsetenv("DDL_HARDWARE_DIR");
  std::filesystem::remove_all(folder);
  EXPECT_EQ(LoadGpu("h100").name, "h100");
}

// A valid preset of which single lines are broken below.
const char* const kPreset =
    "kind: gpu\n"                                                                    // 1
    "name: tiny\n"                                                                   // 2
    "description: a test\n"                                                          // 3
    "peak_flops_per_s:\n"                                                            // 4
    "  fp32: {value: 1e12, source: s, confidence: assumed}\n"                        // 5
    "  bf16: {value: 2e12, source: s, confidence: assumed}\n"                        // 6
    "memory_bandwidth_bytes_per_s: {value: 1e11, source: s, confidence: assumed}\n"  // 7
    "memory_size_bytes: {value: 1e9, source: s, confidence: assumed}\n"              // 8
    "matmul_efficiency: {value: 0.5, source: s, confidence: assumed}\n"              // 9
    "memory_efficiency: {value: 0.8, source: s, confidence: assumed}\n"              // 10
    "kernel_overhead_ns: {value: 1000, source: s, confidence: assumed}\n";           // 11

struct BrokenPreset {
  std::string old_text;
  std::string new_text;
  int line;  // 0: the place has no line
  std::string problem;
};

TEST(Gpu, BrokenPresetsAreRefusedWithTheirLine) {
  const std::vector<BrokenPreset> cases = {
      {"kind: gpu", "kind: nic", 1, "'nic' is no value of 'kind'"},
      {"name: tiny", "nmae: tiny", 2, "'nmae' is no key of a GPU preset"},
      {"name: tiny", "name:", 1, "'name' has no plain value"},
      {"description: a test", "name: other", 3, "'name' is given twice"},
      {"  fp32:", "  fp31:", 5, "'fp31' is no key of 'peak_flops_per_s'"},
      {"1e12, source: s,", "1e12,", 5, "'fp32' lacks 'source'"},
      {"1e12, source: s, confidence: assumed", "1e12, source: s, confidence: sure", 5,
       "'sure' is no value of 'confidence'"},
      {"value: 2e12", "value: fast", 6, "'fast' is not a number"},
      {"value: 2e12", "value: -2e12", 6, "out of range"},
      {"value: 2e12", "value: nan", 6, "out of range"},
      {"value: 2e12", "value: 2e12x", 6, "is not a number"},
      {"value: 1e11", "value: [1]", 7, "'value' has no plain value"},
      {"value: 0.5", "value: 1.5", 9, "out of range"},
      {"{value: 0.5, source: s, confidence: assumed}", "0.5", 9, "expected 'matmul_efficiency'"},
      {"kernel_overhead_ns", "kernel_overhead_us", 11, "is no key"},
      {"  fp32: {value: 1e12, source: s, confidence: assumed}\n", "", 5, "lack 'fp32'"},
  };
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "broken-preset.yaml";
  std::ofstream(path) << kPreset;
  EXPECT_EQ(LoadGpu(path).name, "tiny");
  for (const BrokenPreset& broken : cases) {
    std::string text = kPreset;
    const size_t at = text.find(broken.old_text);
    ASSERT_NE(at, text.npos) << broken.old_text;
    text.replace(at, broken.old_text.size(), broken.new_text);
    std::ofstream(path) << text;
    try {
      LoadGpu(path);
      ADD_FAILURE() << broken.new_text << " was accepted";
    } catch (const InputError& error) {
      EXPECT_EQ(error.Place(), path + ":" + std::to_string(broken.line)) << error.what();
      EXPECT_NE(error.Problem().find(broken.problem), std::string::npos) << error.what();
      EXPECT_FALSE(error.Remedy().empty()) << error.what();
    }
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace ddlsim
