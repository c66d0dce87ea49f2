// SPDX-License-Identifier: MIT
//
// Hostile YAML: what could claim memory or the stack, and random damage to a good file.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "hardware/gpu.h"
#include "hardware/yaml-file.h"

namespace ddlsim {
namespace {

std::string Repeat(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Yaml, HostileDocumentsAreRefused) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    const std::string previous(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [" + Repeat("*" + previous + ", ", 8) + "*" +
            previous + "]\n";
  }
  const std::vector<std::pair<std::string, std::string>> cases = {
      {bomb, "anchor"},
      {"a: *unknown\n", "anchor is not defined"},
      {"a: !!binary aGVsbG8=\n", "tag"},
      {Repeat("[", 100000), "nests deeper"},
      {Repeat("{a: ", 50000), "nests deeper"},
      {Repeat("- ", 50000) + "x", "nests deeper"},
      {Repeat("? ", 50000) + "x", "nests deeper"},
      {"a: 1\n---\nb: 2\n", "more than one YAML document"},
      {"", "empty"},
      {"a: [1, 2\n", "not YAML"},
      {"a: b: c\n", "not YAML"},
      {"\t- tab\n", "not YAML"},
      {std::string(kYamlSizeMaxBytes + 1, '#'), "larger than 256 KiB"},
  };
  for (const auto& [text, problem] : cases) {
    try {
      ParseYaml("file.yaml", text);
      ADD_FAILURE() << text.substr(0, 40) << " was accepted";
    } catch (const InputError& error) {
      EXPECT_EQ(error.Place().rfind("file.yaml", 0), 0u) << error.what();
      EXPECT_NE(error.Problem().find(problem), std::string::npos)
          << text.substr(0, 40) << ": " << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
}

TEST(Yaml, OnlyPlainFilesAreRead) {
  EXPECT_THROW(LoadYamlFile("/no/such/file.yaml"), InputError);
  EXPECT_THROW(LoadYamlFile(testing::TempDir()), InputError);
  EXPECT_THROW(LoadYamlFile("/dev/zero"), InputError);
  const std::string fifo = testing::TempDir() + std::to_string(getpid()) + "yaml-test-fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THROW(LoadYamlFile(fifo), InputError);  // and does not wait for a writer
  std::filesystem::remove(fifo);
}

// xorshift64: the cases must be the same on every machine, and a failure must be repeatable.
class Random {
 public:
  explicit Random(uint64_t seed) : m_state(seed) {}
  uint64_t Below(uint64_t bound) {
    m_state ^= m_state << 13;
    m_state ^= m_state >> 7;
    m_state ^= m_state << 17;
    return m_state % bound;
  }

 private:
  uint64_t m_state;
};

TEST(Yaml, DamagedPresetsGiveAPresetOrAnInputError) {
  std::ifstream in("hardware/presets/v100.yaml");
  ASSERT_TRUE(in) << "the test runs in the source folder";
  std::stringstream stream;
  stream << in.rdbuf();
  const std::string good = stream.str();
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "damaged.yaml";
  const std::string fragments = std::string("{}[]:&*!|>'\"%@`#-?,\n\t \xff") + '\0';
  constexpr uint64_t kSeed = 20240611;
  Random random(kSeed);
  int refused = 0;
  constexpr int kCases = 1500;
  for (int i = 0; i < kCases; ++i) {
    std::string text = good;
    for (uint64_t edits = 1 + random.Below(4); edits > 0; --edits) {
      const size_t at = random.Below(text.size());
      switch (random.Below(3)) {
        case 0:
          text[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          text.insert(at, 1, fragments[random.Below(fragments.size())]);
          break;
        default:
          text.erase(at, random.Below(60));
      }
      if (text.empty()) text = "x";
    }
    std::ofstream(path, std::ios::binary) << text;
    try {
      LoadGpu(path);
    } catch (const InputError&) {
      ++refused;
    }  // anything else fails the test: seed and case number repeat it
  }
  EXPECT_GT(refused, kCases / 4);
  EXPECT_LT(refused, kCases);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace ddlsim
