// SPDX-License-Identifier: MIT
#include "traces/trace-export.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/input-error.h"
#include "traces/group-index.h"
#include "traces/node-encoder.h"
#include "traces/output-file.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;
constexpr size_t kBufferBytes = 1 << 20;

void CheckTarget(const ExportOptions& options) {
  const std::string& name = options.name;
  if (name.empty() || name[0] == '.' || name.find_first_of("/\\") != std::string::npos ||
      name.size() > 200 || Printable(name, name.size()) != name) {
    throw InputError("--name", "'" + Printable(name) + "' is no plain file name",
                     "write a name without folders, such as trace");
  }
  std::error_code error;
  fs::directory_iterator entry(options.folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    const bool is_trace = file.size() > 3 && file.substr(file.size() - 3) == ".et";
    // Files of more ranks than this set has would make the result a different set.
    if (file == name + ".json" || (is_trace && file.compare(0, name.size() + 1, name + ".") == 0)) {
      throw InputError(entry->path().string(), "is there already",
                       "export to another folder or name, or remove it");
    }
    // Exports under other names may be beside it; a run's results are not to be mixed with it.
    if (file == "summary.json" || file == "summary.json.part") {
      throw InputError(options.folder, "has the results of a run in it", "name a new folder");
    }
  }
}

// What other tools call the groups of the set.
class GroupNames {
 public:
  GroupNames(const TraceSet& set, const GroupIndex& index) : m_set(set), m_index(index) {
    uint64_t next = 1;
    for (const GroupAxis& axis : set.axes) {
      m_first_numbers.push_back(next);
      next += axis.groups.size();
    }
  }

  std::string NameOf(const std::string& axis_name, uint32_t rank) const {
    if (axis_name.empty()) return "";
    const size_t axis = m_index.AxisOf(axis_name) - 1;
    return NameOf(axis, m_index.FindOrThrow(axis_name, rank).group_number);
  }

  std::string ToJson() const {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (size_t axis = 0; axis < m_set.axes.size(); ++axis) {
      const auto& groups = m_set.axes[axis].groups;
      for (size_t number = 0; number < groups.size(); ++number) {
        json[NameOf(axis, number)] = groups[number];
      }
    }
    return json.dump() + "\n";
  }

 private:
  std::string NameOf(size_t axis, size_t number) const {
    if (!m_set.has_manifest) return m_set.axes[axis].name;
    return std::to_string(m_first_numbers[axis] + number);
  }

  const TraceSet& m_set;
  const GroupIndex& m_index;
  std::vector<uint64_t> m_first_numbers;  // by axis
};

class Exporter {
 public:
  Exporter(const TraceSet& set, const ExportOptions& options)
      : m_set(set), m_options(options), m_index(set), m_names(set, m_index) {}

  void Run() {
    for (const RankClass& rank_class : m_set.classes) {
      for (uint32_t rank : rank_class.ranks) WriteRank(rank_class.file, rank);
    }
    if (!m_set.axes.empty()) {
      Open(".json").Write(m_names.ToJson());
    }
    for (const auto& file : m_files) file->Close();
    for (const auto& file : m_files) file->Commit();
  }

 private:
  OutputFile& Open(const std::string& suffix) {
    const fs::path path = fs::path(m_options.folder) / (m_options.name + suffix);
    m_files.push_back(std::make_unique<OutputFile>(path.string()));
    return *m_files.back();
  }

  void WriteRank(const std::string& source, uint32_t rank) {
    OutputFile& file = Open("." + std::to_string(rank) + ".et");
    std::string buffer;
    AppendMetadata(m_options.comm_size_meaning, buffer);
    TraceReader reader(source);
    GraphNode node;
    while (reader.Next(node)) {
      Resolve(node, rank);
      AppendNode(node, rank, buffer);
      if (buffer.size() < kBufferBytes) continue;
      file.Write(buffer);
      buffer.clear();
    }
    file.Write(buffer);
    file.Close();
  }

  void Resolve(GraphNode& node, uint32_t rank) const {
    if (node.type == NodeType::kCollective) {
      const uint64_t count = m_index.FindOrThrow(node.group, rank).group->size();
      node.size_bytes = CommSize(node, count);
      node.group = m_names.NameOf(node.group, rank);
    } else if (node.peer_is_relative) {
      const GroupIndex::Member member = m_index.FindOrThrow(node.group, rank);
      node.peer_rank = RelativePeer(*member.group, member.index, node.peer_offset);
      node.peer_is_relative = false;
      node.group.clear();
    }
  }

  uint64_t CommSize(const GraphNode& node, uint64_t rank_count) const {
    const uint64_t total_bytes = m_set.SizeBytes(node, rank_count);
    const bool is_share =
        m_options.comm_size_meaning == CommSizeMeaning::kPerRank && HasShares(node.collective);
    if (!is_share) return total_bytes;
    if (total_bytes % rank_count != 0) {
      throw InputError(m_set.path,
                       "node " + std::to_string(node.id) + ": " + CollectiveName(node.collective) +
                           " of " + std::to_string(total_bytes) +
                           " bytes has no equal shares for " + std::to_string(rank_count) +
                           " ranks",
                       "use --comm-size=total");
    }
    return total_bytes / rank_count;
  }

  const TraceSet& m_set;
  const ExportOptions& m_options;
  const GroupIndex m_index;
  const GroupNames m_names;
  std::vector<std::unique_ptr<OutputFile>> m_files;
};

}  // namespace

void ExportTraceSet(const TraceSet& set, const ExportOptions& options) {
  CheckTarget(options);
  ValidateTraceSet(set);
  std::error_code error;
  const bool is_new_folder = !fs::exists(options.folder, error);
  CreateFolder(options.folder);
  try {
    Exporter(set, options).Run();
  } catch (...) {
    if (is_new_folder) fs::remove(options.folder, error);
    throw;
  }
}

}  // namespace ddlsim
