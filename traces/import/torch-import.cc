// SPDX-License-Identifier: MIT
#include "traces/import/torch-import.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <stdexcept>

#include "base/input-error.h"
#include "traces/import/import-writer.h"
#include "traces/import/torch-rank-graph.h"
#include "traces/trace-writer.h"

namespace ddlsim {
namespace {

class TorchImporter {
 public:
  explicit TorchImporter(const TorchImportOptions& options) : m_options(options) {}

  TorchImportReport Run() {
    const size_t count = m_options.graph_files.size();
    if (m_options.kineto_files.size() != count) {
      throw InputError("--kineto",
                       "names " + std::to_string(m_options.kineto_files.size()) +
                           " files, --pytorch " + std::to_string(count),
                       "name one of each per rank");
    }
    for (uint32_t rank = 0; rank < count; ++rank) ReadRank(rank);
    for (uint32_t rank = 0; rank < count; ++rank) ResolveRank(rank);
    CheckAlike();
    Write();
    m_report.unknown_categories.assign(m_unknown.begin(), m_unknown.end());
    return m_report;
  }

 private:
  void ReadRank(uint32_t rank) {
    const TorchGraph graph = ReadTorchGraph(m_options.graph_files[rank]);
    const KinetoTrace trace =
        ReadKinetoTrace(m_options.kineto_files[rank], m_options.allow_unknown);
    if (trace.rank != KinetoEvent::kNone && trace.rank != rank) {
      throw InputError(trace.path,
                       "says that it is of rank " + std::to_string(trace.rank) +
                           ", but it is named as rank " + std::to_string(rank),
                       "name the files in the order of the ranks");
    }
    const TorchMatch match = MatchTorch(graph, trace);
    m_ranks.push_back(BuildTorchRankGraph(graph, trace, match, m_options.allow_unknown));
    m_report.has_gpu_work |= m_ranks.back().has_gpu_work;
    m_report.unknown_computations += m_ranks.back().unknown_computations;
    m_report.events_outside += match.events_outside + m_ranks.back().gpu_work_outside;
    m_unknown.insert(trace.unknown_categories.begin(), trace.unknown_categories.end());
    m_schema = graph.schema;
    for (const auto& [name, group] : graph.process_groups) AddGroup(graph.path, rank, name, group);
  }

  void AddGroup(const std::string& path, uint32_t rank, const std::string& name,
                const TorchProcessGroup& group) {
    const size_t count = m_options.graph_files.size();
    std::vector<uint32_t> ranks = group.ranks;
    if (ranks.empty()) {
      ranks.resize(count);
      std::iota(ranks.begin(), ranks.end(), 0);
    }
    const std::string shown = "process group '" + Printable(name) + "'";
    if (group.size != 0 && group.size != ranks.size()) {
      throw InputError(path,
                       shown + " has " + std::to_string(group.size) + " ranks, but there are " +
                           std::to_string(ranks.size()),
                       "name the files of all ranks");
    }
    for (uint32_t member : ranks) {
      if (member < count) continue;
      throw InputError(path,
                       shown + " has rank " + std::to_string(member) + ", but there are " +
                           std::to_string(count) + " ranks",
                       "name the files of all ranks");
    }
    // Every rank tells of its own groups; those of one name may be parts of one partition.
    if (std::find(ranks.begin(), ranks.end(), rank) != ranks.end()) {
      m_groups[name].insert(std::move(ranks));
    }
  }

  void ResolveRank(uint32_t rank) {
    for (TorchNode& each : m_ranks[rank].nodes) {
      if (!each.is_communication) {
        ++m_report.computations;
        m_report.compute_ns += each.node.duration_ns;
        continue;
      }
      ++m_report.communications;
      Resolve(rank, each);
    }
  }

  void Resolve(uint32_t rank, TorchNode& each) {
    const TorchCommunication& communication = each.communication;
    GraphNode& node = each.node;
    const std::vector<uint32_t> members = MembersOf(rank, each);
    node.size_bytes = communication.size_bytes;
    if (node.type == NodeType::kCollective) {
      if (communication.group && members.size() < m_ranks.size()) node.group = *communication.group;
      if (communication.share_bytes != 0) {
        node.size_bytes = communication.share_bytes * members.size();
      }
      if (node.collective == CollectiveType::kBarrier) node.size_bytes = 0;
      node.root = communication.root;
    } else {
      if (communication.peer >= members.size()) {
        throw InputError(m_options.graph_files[rank],
                         "'" + Printable(node.name) + "' has the peer " +
                             std::to_string(communication.peer) + " in a group of " +
                             std::to_string(members.size()),
                         "name the files of all ranks");
      }
      node.peer_rank = members[communication.peer];
      node.tag = communication.tag;
    }
    if (node.size_bytes > kSizeMaxBytes) {
      throw InputError(m_options.graph_files[rank],
                       "'" + Printable(node.name) + "' is larger than 2^50 bytes",
                       "record the file again");
    }
  }

  std::vector<uint32_t> MembersOf(uint32_t rank, const TorchNode& each) const {
    const auto& group = each.communication.group;
    const std::string shown = "'" + Printable(each.node.name) + "'";
    if (!group) {
      if (!m_options.one_group) {
        throw InputError(m_options.graph_files[rank],
                         "the process group of " + shown + " is not recorded",
                         "--one-group takes all such communications for ones among all ranks");
      }
      std::vector<uint32_t> all(m_ranks.size());
      std::iota(all.begin(), all.end(), 0);
      return all;
    }
    const auto found = m_groups.find(*group);
    if (found != m_groups.end()) {
      for (const std::vector<uint32_t>& ranks : found->second) {
        if (std::find(ranks.begin(), ranks.end(), rank) != ranks.end()) return ranks;
      }
    }
    throw InputError(m_options.graph_files[rank],
                     shown + " is of the process group '" + Printable(*group) +
                         "', whose ranks are not recorded",
                     "start the observer after the process groups are made");
  }

  void CheckAlike() const {
    for (const TorchRankGraph& rank : m_ranks) {
      if (rank.has_gpu_work == m_report.has_gpu_work) continue;
      throw InputError("--kineto", "some ranks have GPU work and others do not",
                       "record all ranks alike");
    }
  }

  void Write() {
    TraceSetWriter::Options options;
    options.folder = m_options.folder;
    options.generator_command = m_options.generator_command;
    options.rank_count = static_cast<uint32_t>(m_ranks.size());
    for (const auto& [name, groups] : m_groups) {
      GroupAxis axis{name, {groups.begin(), groups.end()}};
      std::set<uint32_t> taken;
      size_t members = 0;
      for (const auto& ranks : axis.groups) {
        taken.insert(ranks.begin(), ranks.end());
        members += ranks.size();
      }
      if (taken.size() != members) {
        throw InputError("--pytorch",
                         "ranks disagree about the process group '" + Printable(name) + "'",
                         "record all ranks of one job");
      }
      options.axes.push_back(std::move(axis));
    }
    WriteImportedSet(options, [this](TraceSetWriter& writer) {
      for (uint32_t rank = 0; rank < m_ranks.size(); ++rank) {
        writer.BeginClass({rank});
        for (const TorchNode& each : m_ranks[rank].nodes) writer.Add(each.node);
      }
      writer.SetDescription(Description());
    });
  }

  std::string Description() const {
    nlohmann::ordered_json json;
    json["imported_from"] = "pytorch";
    json["schema"] = m_schema;
    json["computations_are"] = m_report.has_gpu_work ? "gpu work" : "operators of the host";
    json["one_group_assumed"] = m_options.one_group;
    json["unknown_computations"] = m_report.unknown_computations;
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

  const TorchImportOptions& m_options;
  std::vector<TorchRankGraph> m_ranks;
  std::map<std::string, std::set<std::vector<uint32_t>>> m_groups;
  std::set<std::string> m_unknown;
  std::string m_schema;
  TorchImportReport m_report;
};

}  // namespace

TorchImportReport ImportTorch(const TorchImportOptions& options) {
  return TorchImporter(options).Run();
}

}  // namespace ddlsim
