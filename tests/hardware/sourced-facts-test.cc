// SPDX-License-Identifier: MIT
//
// Presets of hosts and of collective libraries: each number, list and flag is a fact with a source.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "hardware/host.h"
#include "hardware/library-preset.h"

namespace ddlsim {
namespace {

bool IsFigure(const std::string& text) {
  if (text == "true" || text == "false") return true;
  std::istringstream stream(text);
  double number = 0;
  return static_cast<bool>(stream >> number) && stream.eof();
}

// Counts the facts below a node; what stands outside of one is a name, a list of names or a text.
int CheckedFacts(const YAML::Node& node, const std::string& place) {
  static const std::set<std::string> confidences{"verified", "fitted", "memory", "assumed"};
  if (node.IsMap() && node["value"]) {
    EXPECT_FALSE(node["source"].as<std::string>("").empty()) << place << " has no source";
    EXPECT_EQ(confidences.count(node["confidence"].as<std::string>("")), 1u) << place;
    return 1;
  }
  int facts = 0;
  if (node.IsMap()) {
    for (const auto& entry : node) {
      const std::string key = entry.first.as<std::string>();
      facts += CheckedFacts(entry.second, place + ": " + key);
    }
  } else if (node.IsSequence()) {
    for (const YAML::Node& element : node) facts += CheckedFacts(element, place);
  } else {
    EXPECT_FALSE(IsFigure(node.as<std::string>(""))) << place << " has no source";
  }
  return facts;
}

int FactsOf(const std::string& path) {
  return CheckedFacts(YAML::LoadFile(path), path);
}

// A test that can fail: the walk sees what lacks a source, however it is written.
TEST(SourcedFacts, TheWalkFindsFiguresWithoutASource) {
  const std::vector<std::string> texts{"gpus: 8",
                                       "scale_up: {rate_bps: 3.6e12}",
                                       "scale_up:\n  nested: [a, 3]",
                                       "reduces_in_switch: true",
                                       "gpus: {value: 8, confidence: verified}",
                                       "gpus: {value: 8, source: s, confidence: sure}"};
  for (const std::string& text : texts) {
    testing::TestPartResultArray failures;
    {
      testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
      CheckedFacts(YAML::Load(text), "text");
    }
    EXPECT_EQ(failures.size(), 1) << text;
  }
  EXPECT_EQ(CheckedFacts(YAML::Load("gpus: {value: [1, 2], source: s, confidence: memory}"), ""),
            1);
  EXPECT_EQ(CheckedFacts(YAML::Load("{name: a100-4nic, libraries: [nccl-ampere]}"), ""), 0);
}

TEST(SourcedFacts, Hosts) {
  for (const std::string& name : HostPresetNames()) {
    const std::string path = "hardware/hosts/" + name + ".yaml";
    ASSERT_TRUE(std::ifstream(path)) << "the test runs in the source folder";
    // A variant states its NICs; the rest is that of the host that it is like.
    const bool is_variant = YAML::LoadFile(path)["like"].IsDefined();
    EXPECT_GE(FactsOf(path), is_variant ? 4 : 11) << name;
  }
}

TEST(SourcedFacts, Libraries) {
  for (const std::string& name : LibraryPresetNames()) {
    const std::string path = "hardware/libraries/" + name + ".yaml";
    ASSERT_TRUE(std::ifstream(path)) << "the test runs in the source folder";
    EXPECT_EQ(FactsOf(path), static_cast<int>(LoadLibraryPreset(name, "--hardware").facts.size()));
  }
}

}  // namespace
}  // namespace ddlsim
