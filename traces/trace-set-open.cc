// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <map>

#include "base/input-error.h"
#include "traces/bounded-json.h"
#include "traces/groups-file.h"
#include "traces/manifest.h"
#include "traces/output-file.h"
#include "traces/trace-set.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

// "NAME.<rank>.et" split into name and rank; false for any other name. Ranks have one spelling, so
// that no two files can claim one.
bool SplitFileName(const std::string& file, std::string& name, uint32_t& rank) {
  constexpr size_t kSuffixSize = 3;  // ".et"
  if (file.size() <= kSuffixSize || file.substr(file.size() - kSuffixSize) != ".et") return false;
  const std::string stem = file.substr(0, file.size() - kSuffixSize);
  const size_t dot = stem.rfind('.');
  if (dot == std::string::npos || dot == 0) return false;
  const std::string digits = stem.substr(dot + 1);
  if (digits.empty() || digits.size() > 9 || (digits.size() > 1 && digits[0] == '0') ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  name = stem.substr(0, dot);
  rank = static_cast<uint32_t>(std::stoul(digits));
  return true;
}

// The ranks of every family NAME.<rank>.et in a folder, ascending.
std::map<std::string, std::vector<uint32_t>> FindFamilies(const fs::path& folder) {
  std::map<std::string, std::vector<uint32_t>> families;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::string name;
    uint32_t rank;
    if (SplitFileName(entry->path().filename().string(), name, rank))
      families[name].push_back(rank);
  }
  for (auto& [name, ranks] : families) std::sort(ranks.begin(), ranks.end());
  return families;
}

TraceSet OpenOwn(const std::string& path, const fs::path& manifest_path, bool verify_checksums) {
  Manifest manifest = ParseManifest(manifest_path.string(),
                                    ReadSmallFile(manifest_path.string(), kManifestSizeMaxBytes));
  TraceSet set;
  set.path = path;
  set.has_manifest = true;
  set.rank_count = manifest.rank_count;
  set.axes = std::move(manifest.axes);
  set.comm_size_meaning = manifest.comm_size_meaning;
  set.description_json = std::move(manifest.description_json);
  set.generator_command = std::move(manifest.generator_command);
  set.seed = manifest.seed;
  for (Manifest::Class& each : manifest.classes) {
    each.ranks.file = (fs::path(path) / each.ranks.file).string();
    if (!verify_checksums) {
      std::error_code error;
      if (!fs::is_regular_file(each.ranks.file, error)) {
        throw InputError(each.ranks.file, "is missing", "generate the set again");
      }
    } else if (Sha256OfFile(each.ranks.file) != each.sha256) {
      throw InputError(each.ranks.file, "its checksum is not the one in manifest.json",
                       "generate or copy the set again");
    }
    set.stated_totals.push_back(each.totals);
    set.classes.push_back(std::move(each.ranks));
  }
  return set;
}

std::string FindGroupsFile(const fs::path& folder, const std::string& name) {
  std::error_code error;
  for (const fs::path& candidate : {folder / (name + ".json"), folder / "comm_group.json"}) {
    if (fs::is_regular_file(candidate, error)) return candidate.string();
  }
  return "";
}

TraceSet OpenFamily(const std::string& path, const fs::path& folder, const std::string& name,
                    const std::vector<uint32_t>& ranks, const OpenOptions& options) {
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (ranks[i] != i) {
      throw InputError(path,
                       "has files up to rank " + std::to_string(ranks.back()) +
                           " but none of rank " + std::to_string(i) + " (" + Printable(name) + "." +
                           std::to_string(i) + ".et)",
                       "add the missing file; ranks count from 0 without gaps");
    }
  }
  if (ranks.size() > kRankCountMax) {
    throw InputError(path, "has more than 1048576 ranks", "use fewer");
  }
  TraceSet set;
  set.path = path;
  set.rank_count = static_cast<uint32_t>(ranks.size());
  set.description_json = "{}";
  for (uint32_t rank : ranks) {
    set.classes.push_back(
        {(folder / (name + "." + std::to_string(rank) + ".et")).string(), {rank}});
  }
  // The files of one family come from one tool, so the first one speaks for all.
  const TraceReader first(set.classes[0].file);
  set.comm_size_meaning = first.StatedCommSizeMeaning().value_or(options.comm_size_meaning);
  const std::string groups_file =
      options.groups_file.empty() ? FindGroupsFile(folder, name) : options.groups_file;
  if (!groups_file.empty()) set.axes = ReadGroupsFile(groups_file, set.rank_count);
  return set;
}

}  // namespace

TraceSet OpenTraceSet(const std::string& path, const OpenOptions& options) {
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  if (is_folder) {
    const fs::path manifest_path = fs::path(path) / "manifest.json";
    if (fs::exists(manifest_path, error)) {
      if (!options.groups_file.empty()) {
        throw InputError("--groups", "does not go with a set that has a manifest.json",
                         "leave it out: the manifest has the groups");
      }
      return OpenOwn(path, manifest_path, options.verify_checksums);
    }
    const auto families = FindFamilies(path);
    if (families.size() == 1) {
      return OpenFamily(path, path, families.begin()->first, families.begin()->second, options);
    }
    if (families.size() > 1) {
      const std::string& name = families.begin()->first;
      throw InputError(path, "holds " + std::to_string(families.size()) + " families of traces",
                       "name one of them, such as " + (fs::path(path) / name).string());
    }
  }
  const fs::path prefix(path);
  const fs::path folder = prefix.has_parent_path() ? prefix.parent_path() : fs::path(".");
  const std::string name = prefix.filename().string();
  const auto families = FindFamilies(folder);
  const auto family = families.find(name);
  if (!name.empty() && family != families.end()) {
    return OpenFamily(path, folder, name, family->second, options);
  }
  const char* remedy = "name a folder with manifest.json, or DIR/NAME of files NAME.<rank>.et";
  if (is_folder) throw InputError(path, "holds neither manifest.json nor NAME.<rank>.et", remedy);
  if (fs::exists(path, error)) throw InputError(path, "is a file, not a trace set", remedy);
  throw InputError(path, "no such trace set", remedy);
}

}  // namespace ddlsim
