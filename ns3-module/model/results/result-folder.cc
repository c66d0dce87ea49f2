// SPDX-License-Identifier: GPL-2.0-only
#include "results/result-folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/input-error.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSummary = "summary.json";
constexpr const char* kLatest = "latest";
constexpr const char* kCaptureStart = "pcap/";
constexpr const char* kCaptureEnding = ".pcap";
constexpr const char* kRemedy = "name a folder that can be written";

// What analysis/ adds to a folder; out of date as soon as a new run starts there.
const char* const kDrawnFiles[] = {"report.md",
                                   "figures/timeline.png",
                                   "figures/timeline.svg",
                                   "figures/collective_bandwidth.png",
                                   "figures/collective_bandwidth.svg",
                                   "figures/link_utilisation.png",
                                   "figures/link_utilisation.svg",
                                   "figures/flow_completion.png",
                                   "figures/flow_completion.svg",
                                   "figures/rate_and_queue.png",
                                   "figures/rate_and_queue.svg",
                                   "figures/flow_slowdown.png",
                                   "figures/flow_slowdown.svg",
                                   "figures"};

void CheckName(const std::string& name, const std::string& place) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (name.empty() || name.front() == '.' || name.size() > 200 || has_control ||
      name.find('/') != std::string::npos || name == kLatest) {
    throw InputError(place, "'" + Printable(name) + "' is no name for a result folder",
                     "use letters, digits, '-', '_' and '.', not '.' first, and not 'latest'");
  }
}

bool HasEnding(const std::string& text, const std::string& ending) {
  return text.size() > ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

// pcap/NAME.pcap
bool IsCaptureName(const std::string& name) {
  return name.rfind(kCaptureStart, 0) == 0 && HasEnding(name, kCaptureEnding) &&
         name.find('/', std::string(kCaptureStart).size()) == std::string::npos;
}

bool IsWritableFolder(const fs::path& folder, const std::string& place) {
  std::error_code error;
  if (!fs::exists(folder, error)) return false;
  if (!fs::is_directory(folder, error)) {
    throw InputError(place, "'" + Printable(folder.string()) + "' is not a folder", kRemedy);
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    throw InputError(place, "'" + Printable(folder.string()) + "' cannot be written", kRemedy);
  }
  return true;
}

// The nearest folder above that exists has to be writable.
void CheckRoot(const fs::path& root, const std::string& place) {
  fs::path folder = fs::absolute(root).lexically_normal();
  while (!IsWritableFolder(folder, place) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
}

void CheckIsResultFolder(const fs::path& folder, const std::string& place) {
  if (!IsWritableFolder(folder, place) || fs::is_empty(folder)) return;
  if (fs::exists(folder / kSummary) || fs::exists(folder / (std::string(kSummary) + ".part"))) {
    return;
  }
  throw InputError(place,
                   "'" + Printable(folder.string()) + "' has files in it that are no results",
                   "name a new folder, or remove it");
}

}  // namespace

const std::vector<std::string>& ResultFileNames() {
  static const std::vector<std::string> names{
      "config.yaml",       "collectives.csv",  "operations.csv", "flows.csv",     "links.csv",
      "queues.csv",        "ranks.csv",        "iterations.csv", "timeline.json", "runtime.json",
      "queue-samples.csv", "flow-samples.csv", kSummary};
  return names;
}

void ResultFolder::Check(const std::string& root, const std::string& name,
                         const ResultFolderOptions& options) {
  try {
    CheckName(name, options.place);
    CheckRoot(root.empty() ? "." : root, options.place);
    const fs::path base(root.empty() ? "." : root);
    CheckIsResultFolder(base / name, options.place);
    const fs::file_status latest = fs::symlink_status(base / kLatest);
    if (options.update_latest && fs::exists(latest) && !fs::is_symlink(latest)) {
      throw InputError(options.place,
                       "'" + Printable((base / kLatest).string()) + "' is not a symbolic link",
                       "move it away, results/latest is to point to the newest run");
    }
  } catch (const fs::filesystem_error& error) {
    throw InputError(options.place, Printable(error.what(), 200), kRemedy);
  }
}

ResultFolder::ResultFolder(const std::string& root, const std::string& name,
                           ResultFolderOptions options)
    : m_options(std::move(options)), m_root(root.empty() ? "." : root), m_name(name) {
  Check(m_root, name, m_options);
  m_path = (fs::path(m_root) / name).string();
  try {
    for (fs::path folder = fs::absolute(m_path).lexically_normal();
         !fs::exists(folder) && folder.has_relative_path(); folder = folder.parent_path()) {
      m_created_folders.insert(m_created_folders.begin(), folder.string());
    }
    fs::create_directories(m_path);
    Lock();
    // From here on summary.json.part marks the folder as ours, so it comes before anything goes.
    fs::remove(fs::path(m_path) / (std::string(kSummary) + ".part"));
    m_files[kSummary] = std::make_unique<ResultFile>(m_path + "/" + kSummary);
    RemoveStaleFiles();
  } catch (const std::system_error& error) {
    Discard();
    throw InputError(m_options.place, Printable(error.what(), 200), kRemedy);
  }
}

ResultFolder::~ResultFolder() {
  m_files.clear();
  if (m_lock >= 0) close(m_lock);
}

void ResultFolder::Lock() {
  m_lock = open(m_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A file system that cannot lock does not keep anybody from running.
  if (m_lock < 0 || flock(m_lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  close(std::exchange(m_lock, -1));
  throw InputError(m_options.place, "another run is writing to '" + Printable(m_path) + "'",
                   "wait for it, or name another folder");
}

void ResultFolder::RemoveStaleFiles() {
  const fs::path folder(m_path);
  for (const std::string& name : ResultFileNames()) {
    fs::remove(folder / name);
    if (name != kSummary) fs::remove(folder / (name + ".part"));
  }
  RemoveCaptures();
  // Drawn files go as far as possible: a figures folder with something else in it stays.
  std::error_code ignored;
  for (const char* name : kDrawnFiles) fs::remove(folder / name, ignored);
}

void ResultFolder::RemoveCaptures() {
  const fs::path folder = fs::path(m_path) / kCaptureStart;
  std::error_code ignored;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (HasEnding(name, kCaptureEnding) || HasEnding(name, std::string(kCaptureEnding) + ".part")) {
      stale.push_back(entry.path());
    }
  }
  for (const fs::path& path : stale) fs::remove(path);
  fs::remove(folder, ignored);  // only where it is empty
}

ResultFile& ResultFolder::Open(const std::string& file_name) {
  const std::vector<std::string>& names = ResultFileNames();
  const bool is_capture = IsCaptureName(file_name);
  if (m_is_finished ||
      (!is_capture && std::find(names.begin(), names.end(), file_name) == names.end())) {
    throw std::logic_error("no result file can be opened now as " + file_name);
  }
  std::unique_ptr<ResultFile>& file = m_files[file_name];
  if (file_name == kSummary && !std::exchange(m_is_summary_taken, true)) return *file;
  if (file != nullptr) throw std::logic_error("two writers of " + file_name);
  if (is_capture) fs::create_directories(fs::path(m_path) / kCaptureStart);
  file = std::make_unique<ResultFile>(m_path + "/" + file_name);
  return *file;
}

void ResultFolder::Write(const std::string& file_name, const std::string& text) {
  Open(file_name).Append(text);
}

void ResultFolder::Flush() {
  for (auto& [name, file] : m_files) file->Flush();
}

void ResultFolder::Finish() {
  if (!m_is_summary_taken) throw std::logic_error("a run without summary.json is not finished");
  m_is_finished = true;
  for (auto& [name, file] : m_files) file->Close();
  for (auto& [name, file] : m_files) {
    if (IsCaptureName(name)) file->Publish();
  }
  for (const std::string& name : ResultFileNames()) {
    const auto found = m_files.find(name);
    if (found != m_files.end()) found->second->Publish();
  }
  if (m_options.update_latest) PointLatestHere();
}

void ResultFolder::Discard() {
  for (auto& [name, file] : m_files) file->Remove();
  m_files.clear();
  m_is_finished = true;
  if (m_lock >= 0) close(std::exchange(m_lock, -1));
  std::error_code ignored;
  fs::remove(fs::path(m_path) / kCaptureStart, ignored);  // only where it is empty
  for (auto folder = m_created_folders.rbegin(); folder != m_created_folders.rend(); ++folder) {
    fs::remove(*folder, ignored);  // only where it is empty
  }
}

// A link cannot be changed in place: make a new one and rename it over the old one.
void ResultFolder::PointLatestHere() {
  const fs::path latest = fs::path(m_root) / kLatest;
  const fs::path fresh = fs::path(m_root) / ("." + m_name + ".latest");
  std::error_code error;
  fs::remove(fresh, error);
  fs::create_directory_symlink(m_name, fresh, error);
  if (!error) fs::rename(fresh, latest, error);
  if (!error) m_latest_path = latest.string();
}

}  // namespace ddlsim
