// SPDX-License-Identifier: MIT
#include <filesystem>
#include <map>

#include "base/input-error.h"
#include "traces/execution-graph.h"
#include "traces/import/torch-import.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

// The rank that the star of PREFIX*SUFFIX stands for in `name`; false where it is no number.
bool RankOf(const std::string& name, const std::string& prefix, const std::string& suffix,
            uint64_t& rank) {
  constexpr size_t kDigitsMax = 9;
  if (name.size() <= prefix.size() + suffix.size()) return false;
  const std::string digits =
      name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  if (name.compare(0, prefix.size(), prefix) != 0 ||
      name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0 ||
      digits.size() > kDigitsMax || digits.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  rank = std::stoull(digits);
  return true;
}

std::vector<std::string> ExpandPattern(const std::string& option, const std::string& pattern) {
  const fs::path path(pattern);
  const std::string file = path.filename().string();
  const size_t star = file.find('*');
  if (star == std::string::npos || file.find('*', star + 1) != std::string::npos) {
    throw InputError(option, "'" + Printable(pattern) + "' has its star outside the file's name",
                     "write one star, for the rank, in the name of the file");
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::map<uint64_t, std::string> files;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    uint64_t rank = 0;
    const std::string name = entry->path().filename().string();
    if (!RankOf(name, file.substr(0, star), file.substr(star + 1), rank)) continue;
    if (!files.emplace(rank, entry->path().string()).second) {
      throw InputError(
          option, "two files of '" + Printable(pattern) + "' have the rank " + std::to_string(rank),
          "remove one of them");
    }
  }
  if (files.empty()) {
    throw InputError(option, "no file matches '" + Printable(pattern) + "'",
                     "the star stands for the rank: 0, 1, 2 and so on");
  }
  std::vector<std::string> by_rank;
  for (const auto& [rank, name] : files) {
    if (rank != by_rank.size()) {
      throw InputError(
          option,
          "'" + Printable(pattern) + "' has no file of rank " + std::to_string(by_rank.size()),
          "add it; ranks count from 0 without gaps");
    }
    by_rank.push_back(name);
  }
  return by_rank;
}

}  // namespace

std::vector<std::string> FilesByRank(const std::string& option, const std::string& text) {
  std::vector<std::string> files;
  if (text.find('*') != std::string::npos) {
    files = ExpandPattern(option, text);
  } else {
    size_t start = 0;
    while (start <= text.size()) {
      const size_t comma = std::min(text.find(',', start), text.size());
      files.push_back(text.substr(start, comma - start));
      if (files.back().empty()) {
        throw InputError(option, "names an empty file",
                         "write FILE, FILE,FILE or a pattern FILE.*");
      }
      start = comma + 1;
    }
  }
  if (files.size() > kRankCountMax) {
    throw InputError(option, "names more than 1048576 files", "use fewer");
  }
  return files;
}

}  // namespace ddlsim
