// SPDX-License-Identifier: MIT
#include "hardware/library-preset.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/input-error.h"
#include "hardware/host.h"

namespace ddlsim {
namespace {

TEST(LibraryPreset, EveryPresetLoads) {
  const std::vector<std::string> names = LibraryPresetNames();
  EXPECT_GE(names.size(), 14u);
  for (const std::string& name : names) {
    const LibraryPreset preset = LoadLibraryPreset(name, "--hardware");
    EXPECT_EQ(preset.name, name);
    EXPECT_FALSE(preset.description.empty()) << name;
    EXPECT_FALSE(preset.facts.empty()) << name;
    std::set<std::string> parameters;
    for (const LibraryFact& fact : preset.facts) {
      EXPECT_TRUE(parameters.insert(fact.name).second) << name << ": " << fact.name << " twice";
      EXPECT_GE(fact.value, fact.low) << name << ": " << fact.name;
      EXPECT_LE(fact.value, fact.high) << name << ": " << fact.name;
      EXPECT_NE(fact.place.find(name + ".yaml:"), std::string::npos) << fact.place;
    }
  }
}

// What a GPU generation states and what a fabric states are different parameters, so that their
// order in a host's list means nothing.
TEST(LibraryPreset, PresetsOfAHostDoNotOverlap) {
  int hosts = 0;
  for (const std::string& host : HostPresetNames()) {
    std::set<std::string> parameters;
    for (const std::string& name : LoadHost(host).libraries) {
      for (const LibraryFact& fact : LoadLibraryPreset(name, "--hardware").facts) {
        EXPECT_TRUE(parameters.insert(fact.name).second) << host << ": " << fact.name << " twice";
      }
    }
    hosts += !parameters.empty();
  }
  EXPECT_GE(hosts, 10);
}

TEST(LibraryPreset, UnknownNamesAreRefused) {
  try {
    LoadLibraryPreset("nccl-amper", "--hardware");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.Place(), "--hardware");
    EXPECT_EQ(error.Remedy(), "did you mean 'nccl-ampere'?");
  }
}

TEST(LibraryPreset, FolderComesFromTheEnvironment) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("library-presets" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  ASSERT_EQ(setenv("DDL_LIBRARIES_DIR", folder.c_str(), 1), 0);
  EXPECT_THROW(LibraryPresetNames(), InputError);
  std::ofstream(folder / "mine.yaml") << "kind: library\n";
  EXPECT_EQ(LibraryPresetNames(), (std::vector<std::string>{"mine"}));
  EXPECT_THROW(LoadLibraryPreset("mine", "--hardware"), InputError);
  unsetenv("DDL_LIBRARIES_DIR");
  std::filesystem::remove_all(folder);
}

struct BrokenPreset {
  std::string old_text;
  std::string new_text;
  int line;
  std::string problem;
};

TEST(LibraryPreset, BrokenPresetsAreRefusedWithTheirLine) {
  const std::string good =
      "kind: library\nname: tiny\ndescription: a test\nparameters:\n"
      "  channels: {value: 8, low: 4, high: 16, source: s, confidence: fitted}\n";
  const std::vector<BrokenPreset> cases = {
      {"kind: library", "kind: host", 1, "'host' is no value of 'kind'"},
      {"name: tiny", "nam: tiny", 2, "'nam' is no key"},
      {"value: 8", "value: many", 5, "'many' is not a number"},
      {"value: 8", "value: -8", 5, "out of range"},
      {"value: 8", "value: 3", 5, "outside low .. high"},
      {"value: 8", "value: 17", 5, "outside low .. high"},
      {"low: 4, ", "", 5, "lacks 'low'"},
      {"source: s, ", "", 5, "lacks 'source'"},
      {"fitted", "sure", 5, "'sure' is no value of 'confidence'"},
      {"high: 16", "heigh: 16", 5, "'heigh' is no key"},
      {"{value: 8, low: 4, high: 16, source: s, confidence: fitted}", "8", 5, "channels"},
  };
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "broken-library.yaml";
  std::ofstream(path) << good;
  EXPECT_EQ(LoadLibraryPreset(path, "--hardware").facts.at(0).high, 16);
  for (const BrokenPreset& broken : cases) {
    std::string text = good;
    const size_t at = text.find(broken.old_text);
    ASSERT_NE(at, text.npos) << broken.old_text;
    text.replace(at, broken.old_text.size(), broken.new_text);
    std::ofstream(path) << text;
    try {
      LoadLibraryPreset(path, "--hardware");
      ADD_FAILURE() << broken.new_text << " was accepted";
    } catch (const InputError& error) {
      EXPECT_EQ(error.Place().rfind(path + ":" + std::to_string(broken.line), 0), 0u)
          << error.what();
      EXPECT_NE(std::string(error.what()).find(broken.problem), std::string::npos) << error.what();
    }
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace ddlsim
