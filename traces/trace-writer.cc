// SPDX-License-Identifier: MIT
#include "traces/trace-writer.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>

#include "base/input-error.h"
#include "traces/dependency-check.h"
#include "traces/manifest.h"
#include "traces/node-encoder.h"
#include "traces/output-file.h"
#include "traces/trace-set.h"

namespace ddlsim {
namespace {
namespace fs = std::filesystem;
constexpr size_t kBufferBytes = 1 << 20;

std::string ClassFileName(size_t number) {
  return "class-" + std::to_string(number) + ".et";
}
}  // namespace

class TraceSetWriter::Impl {
 public:
  explicit Impl(Options options) : m_folder(options.folder) {
    if (options.rank_count == 0 || options.rank_count > kRankCountMax) {
      throw std::logic_error("a trace set has 1 to 1048576 ranks");
    }
    CreateTraceFolder(options.folder);
    // Opened first, so that a folder that cannot be written is refused before any work is done.
    m_manifest_file = std::make_unique<OutputFile>((m_folder / "manifest.json").string());
    m_manifest.generator_command = options.generator_command;
    m_manifest.seed = options.seed;
    m_manifest.rank_count = options.rank_count;
    m_manifest.axes = std::move(options.axes);
    for (const GroupAxis& axis : m_manifest.axes) m_axis_names.insert(axis.name);
  }

  void BeginClass(std::vector<uint32_t> ranks) {
    EndClass();
    if (ranks.empty()) throw std::logic_error("a rank class has no ranks");
    m_own_rank.reset();
    if (ranks.size() == 1) m_own_rank = ranks[0];
    Manifest::Class next;
    next.ranks = {ClassFileName(m_manifest.classes.size()), std::move(ranks)};
    m_files.push_back(std::make_unique<OutputFile>((m_folder / next.ranks.file).string()));
    m_manifest.classes.push_back(std::move(next));
    AppendMetadata(m_manifest.comm_size_meaning, m_buffer);
  }

  void Add(const GraphNode& node) {
    if (m_files.empty()) throw std::logic_error("a trace node before the first rank class");
    const auto require = [&node](bool holds, const char* what) {
      if (!holds) throw std::logic_error("trace node " + std::to_string(node.id) + ": " + what);
    };
    for (const auto* dependencies : {&node.control_dependencies, &node.data_dependencies}) {
      for (uint64_t id : *dependencies) {
        require(m_ids.Contains(id), "depends on a node that was not added before it");
      }
    }
    require(m_ids.Insert(node.id), "its id was added before");
    require(node.group.empty() || m_axis_names.count(node.group) != 0, "its group is no axis");
    AppendNode(node, m_own_rank, m_buffer);
    m_manifest.classes.back().totals.Add(node, IsBarrier(node) ? 0 : node.size_bytes);
    if (m_buffer.size() >= kBufferBytes) Flush();
  }

  void SetDescription(const std::string& json_object) { m_manifest.description_json = json_object; }

  void Finish() {
    EndClass();
    std::string text;
    try {
      text = FormatManifest(m_manifest);
      CheckOwnWork(ParseManifest("manifest.json", text));
    } catch (const std::exception& error) {
      // Whatever a reader would refuse is the generator's fault, not the user's.
      throw std::logic_error(std::string("the generated trace set is wrong: ") + error.what());
    }
    m_manifest_file->Write(text);
    m_manifest_file->Close();
    // A manifest that is there vouches for its files: the old one goes before they change.
    std::error_code ignored;
    fs::remove(m_folder / "manifest.json", ignored);
    for (const auto& file : m_files) file->Commit();
    size_t stale = m_files.size();  // of a former set with more classes
    while (fs::remove(m_folder / ClassFileName(stale), ignored)) ++stale;
    m_manifest_file->Commit();
  }

 private:
  static bool IsBarrier(const GraphNode& node) {
    return node.type == NodeType::kCollective && node.collective == CollectiveType::kBarrier;
  }

  void Flush() {
    m_files.back()->Write(m_buffer);
    m_buffer.clear();
  }

  void EndClass() {
    if (m_files.empty()) return;
    Flush();
    m_files.back()->Close();
    m_manifest.classes.back().sha256 = m_files.back()->Sha256();
    m_ids.Clear();
  }

  // Reads everything back as a user of the set will.
  void CheckOwnWork(const Manifest& manifest) const {
    TraceSet set;
    set.path = m_folder.string();
    set.has_manifest = true;
    set.rank_count = manifest.rank_count;
    set.axes = manifest.axes;
    for (size_t i = 0; i < manifest.classes.size(); ++i) {
      set.classes.push_back({m_files[i]->PartPath(), manifest.classes[i].ranks.ranks});
      set.stated_totals.push_back(manifest.classes[i].totals);
    }
    ValidateTraceSet(set);
  }

  fs::path m_folder;
  Manifest m_manifest;
  std::set<std::string> m_axis_names;
  std::unique_ptr<OutputFile> m_manifest_file;
  std::vector<std::unique_ptr<OutputFile>> m_files;  // by class; all but the last one closed
  std::optional<uint32_t> m_own_rank;
  IdSet m_ids;
  std::string m_buffer;
};

TraceSetWriter::TraceSetWriter(Options options)
    : m_impl(std::make_unique<Impl>(std::move(options))) {}
TraceSetWriter::~TraceSetWriter() = default;
void TraceSetWriter::BeginClass(std::vector<uint32_t> ranks) {
  m_impl->BeginClass(std::move(ranks));
}
void TraceSetWriter::Add(const GraphNode& node) {
  m_impl->Add(node);
}
void TraceSetWriter::SetDescription(const std::string& json_object) {
  m_impl->SetDescription(json_object);
}
void TraceSetWriter::Finish() {
  m_impl->Finish();
}

}  // namespace ddlsim
