// SPDX-License-Identifier: MIT
//
// A temporary folder, and what tests read from it.
#pragma once

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace ddlsim {

class TestFolder {
 public:
  TestFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "ddl-results-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder");
    m_path = path;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string Path(const std::string& name = "") const {
    return name.empty() ? m_path.string() : (m_path / name).string();
  }
  bool Has(const std::string& name) const { return std::filesystem::exists(m_path / name); }
  std::string Read(const std::string& name) const {
    std::ifstream file(m_path / name, std::ios::binary);
    if (!file) throw std::runtime_error("no file " + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::vector<std::string> Lines(const std::string& name) const {
    std::ifstream file(m_path / name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  void Put(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((m_path / name).parent_path());
    std::ofstream(m_path / name, std::ios::binary) << text;
  }
  // Names of all files and folders within, sorted.
  std::vector<std::string> Names(const std::string& name = "") const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(m_path / name)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::filesystem::path m_path;
};

}  // namespace ddlsim
