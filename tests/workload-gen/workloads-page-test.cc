// SPDX-License-Identifier: MIT
//
// Holds docs/workloads.md to what the program does.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "hardware/gpu.h"
#include "workload-gen/architecture/architecture.h"
#include "workload-gen/program/program.h"

namespace ddlsim {
namespace {

std::string Page() {
  std::ifstream in("docs/workloads.md");
  EXPECT_TRUE(in) << "the test runs in the source folder";
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Grouped(uint64_t value) {
  std::string digits = std::to_string(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, ",");
  return digits;
}

TEST(WorkloadsPage, ListsEveryModelWithItsParameters) {
  const std::string page = Page();
  for (const Architecture& model : ListArchitectures()) {
    std::string row = absl::StrCat("| `", model.name, "`");
    for (const std::string& alias : model.aliases) absl::StrAppend(&row, " (`", alias, "`)");
    absl::StrAppend(&row, " | ", Grouped(BuildLayers(model, {}, {}).ParameterCount()), " |");
    EXPECT_NE(page.find(row), page.npos) << row;
  }
}

TEST(WorkloadsPage, StatesEveryGpusEfficiencies) {
  std::istringstream page(Page());
  std::string line;
  size_t found = 0;
  while (std::getline(page, line)) {
    if (line.find("0.") == line.npos || line.rfind("| `", 0) != 0) continue;
    for (const std::string& name : GpuPresetNames()) {
      if (line.find("`" + name + "`") == line.npos) continue;
      const Gpu gpu = LoadGpu(name);
      EXPECT_NE(line.find(absl::StrCat("| ", gpu.matmul_efficiency, ",")), line.npos) << line;
      EXPECT_NE(line.find(absl::StrCat("| ", gpu.memory_efficiency, ",")), line.npos) << line;
      ++found;
    }
  }
  EXPECT_EQ(found, GpuPresetNames().size());
}

TEST(WorkloadsPage, ListsEveryOption) {
  const std::string page = Page();
  std::ostringstream help, errors;
  ASSERT_EQ(RunWorkloadProgram({"--help"}, help, errors), 0);
  std::istringstream words(help.str());
  std::string word;
  int options = 0;
  while (words >> word) {
    // "--tp" as an entry; "(see --list-gpus)," and "--bucket-size)" are mentions of others.
    if (word.rfind("--", 0) != 0 || word.find_first_of("),;:=") != word.npos) continue;
    ++options;
    EXPECT_NE(page.find("`" + word + "`"), page.npos) << word;
  }
  EXPECT_GT(options, 15);
}

}  // namespace
}  // namespace ddlsim
