// SPDX-License-Identifier: MIT
#include "traces/rescale/trace-rescale.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "base/input-error.h"
#include "traces/import/import-writer.h"
#include "traces/rescale/axis-rescale.h"

namespace ddlsim {
namespace {

// Joins the ranks of a copy, for messages of other tools' sets, whose peers are absolute.
const char* const kCopyAxis = "copy";

class Rescaler {
 public:
  Rescaler(const TraceSet& set, const RescaleOptions& options)
      : m_set(set),
        m_options(options),
        m_classed(ClassRanks(set, options.classing)),
        m_from(ReplicaGrid::FromAxis(set.path, DataAxis(), set.rank_count)),
        m_to(CheckedTarget()) {
    for (const GroupAxis& axis : m_classed.axes)
      m_reach[axis.name] = ReachOf(set.path, axis, m_from);
    m_reach[m_classed.data_axis] = AxisReach::kAcrossCopies;
    m_reach[""] = AxisReach::kAcrossCopies;
    m_index_in_copy.resize(m_from.Positions());
    const std::vector<uint32_t> copy = m_from.RanksOfCopy(0);
    for (uint32_t i = 0; i < copy.size(); ++i)
      m_index_in_copy[m_from.PlaceOf(copy[i]).position] = i;
  }

  RescaleReport Run() {
    CheckTables();
    TraceSetWriter::Options out;
    out.folder = m_options.folder;
    out.generator_command = m_options.generator_command;
    out.seed = m_set.seed;
    out.rank_count = m_to.RankCount();
    for (const GroupAxis& axis : m_classed.axes) {
      out.axes.push_back(RescaleAxis(axis, m_reach.at(axis.name), m_from, m_to));
    }
    if (m_classed.is_foreign) {
      out.axes.push_back({kCopyAxis, {}});
      for (uint32_t copy = 0; copy < m_to.Copies(); ++copy) {
        out.axes.back().groups.push_back(m_to.RanksOfCopy(copy));
      }
    }
    m_report.copies_before = m_from.Copies();
    m_report.rank_count = m_to.RankCount();
    // Twice: the first pass finds what cannot be moved before anything is written.
    for (const auto& each : m_classed.classes) {
      RescaleRanks(m_set.path, each.ranks, m_from, m_to);
      if (m_classed.is_foreign) CheckMessages(each);
      ForEachNode(each, [](const GraphNode&) {});
    }
    WriteImportedSet(out, [this](TraceSetWriter& writer) {
      for (const auto& each : m_classed.classes) {
        writer.BeginClass(RescaleRanks(m_set.path, each.ranks, m_from, m_to));
        ForEachNode(each, [&writer](const GraphNode& node) { writer.Add(node); });
      }
      writer.SetDescription(Description());
    });
    return m_report;
  }

 private:
  // Lookups and exchanged vectors follow the number of ranks.
  void CheckTables() const {
    const auto description = nlohmann::json::parse(m_set.description_json, nullptr, false);
    if (!description.is_object()) return;
    const auto parallelism = description.find("parallelism");
    if (parallelism == description.end() || !parallelism->contains("embedding_sharding")) return;
    throw InputError(m_set.path, "embedding tables are spread over ranks, whose number changes",
                     "generate the set anew for that degree");
  }

  const GroupAxis& DataAxis() const {
    for (const GroupAxis& axis : m_classed.axes) {
      if (axis.name == m_classed.data_axis) return axis;
    }
    throw InputError(m_set.path, "has no axis '" + Printable(m_classed.data_axis) + "'",
                     "name the data-parallel axis with --axis");
  }

  ReplicaGrid CheckedTarget() const {
    if (m_options.copies > kRankCountMax / m_from.Positions()) {
      throw InputError("--dp", "makes more than 1048576 ranks", "choose a smaller degree");
    }
    return m_from.WithCopies(m_options.copies);
  }

  template <typename Action>
  void ForEachNode(const ClassedSet::Class& each, Action&& action) {
    TraceReader reader(each.file);
    GraphNode node;
    while (reader.Next(node)) {
      Move(node, each);
      action(node);
    }
  }

  void Move(GraphNode& node, const ClassedSet::Class& each) {
    if (node.type == NodeType::kCollective) {
      MoveCollective(node, each);
    } else if (node.type == NodeType::kSend || node.type == NodeType::kReceive) {
      MoveMessage(node, each);
    }
  }

  [[noreturn]] void Refuse(const GraphNode& node, const std::string& problem) const {
    throw InputError(
        m_set.path,
        "node " + std::to_string(node.id) + " '" + Printable(node.name) + "': " + problem,
        "generate the set anew for that degree");
  }

  void MoveCollective(GraphNode& node, const ClassedSet::Class& each) {
    const std::vector<uint32_t> members = m_set.GroupOf(node.group, each.ranks[0]);
    node.size_bytes = m_set.SizeBytes(node, members.size());
    if (m_classed.is_foreign && !node.group.empty()) {
      node.group = m_classed.axis_of_group.at(node.group);
    }
    if (m_reach.at(node.group) == AxisReach::kWithinCopy) return;
    const bool is_data = members.size() == m_from.Copies();  // nothing but copies of one position
    const char* name = CollectiveName(node.collective);
    switch (node.collective) {
      case CollectiveType::kAllReduce:
      case CollectiveType::kBarrier:
        return;
      case CollectiveType::kReduce:
      case CollectiveType::kBroadcast:
        if (node.root != 0) Refuse(node, std::string(name) + " has a root beside the first rank");
        return;
      case CollectiveType::kAllGather:
      case CollectiveType::kReduceScatter:
        if (!is_data) Refuse(node, std::string(name) + " among more than data-parallel ranks");
        m_report.has_sharded_states = true;
        return;
      case CollectiveType::kAllToAll:
        if (!is_data) Refuse(node, std::string(name) + " among more than data-parallel ranks");
        if (!node.shares.IsEmpty()) Refuse(node, "shares by rank, of ranks whose number changes");
        return;
      case CollectiveType::kGather:
      case CollectiveType::kScatter:
        Refuse(node,
               std::string(name) + " across copies of the model: what it would hold is not known");
    }
  }

  void MoveMessage(GraphNode& node, const ClassedSet::Class& each) const {
    if (node.peer_is_relative) {
      if (m_classed.is_foreign) Refuse(node, "has a relative peer in a set without a manifest");
      if (m_reach.at(node.group) == AxisReach::kWithinCopy) return;
      Refuse(node, "a message between copies of the model");
    }
    if (!m_classed.is_foreign) Refuse(node, "a message of one rank alone");
    node.peer_offset = DistanceOf(node, each.ranks[0]);
    node.peer_is_relative = true;
    node.group = kCopyAxis;
    node.peer_rank = 0;
  }

  // How much further on the peer stands within the copy.
  int32_t DistanceOf(const GraphNode& node, uint32_t rank) const {
    const GridPlace own = m_from.PlaceOf(rank);
    const GridPlace peer = m_from.PlaceOf(node.peer_rank);
    if (own.copy != peer.copy) Refuse(node, "a message between copies of the model");
    return static_cast<int32_t>(m_index_in_copy[peer.position]) -
           static_cast<int32_t>(m_index_in_copy[own.position]);
  }

  // The ranks of a class were compared up to their absolute peers. Those must be equally far.
  void CheckMessages(const ClassedSet::Class& each) const {
    std::vector<int32_t> distances;
    for (uint32_t rank : each.ranks) {
      TraceReader reader(m_set.classes[rank].file);
      GraphNode node;
      for (size_t next = 0; reader.Next(node);) {
        const bool is_message = node.type == NodeType::kSend || node.type == NodeType::kReceive;
        if (!is_message || node.peer_is_relative) continue;
        const int32_t distance = DistanceOf(node, rank);
        if (rank == each.ranks[0]) {
          distances.push_back(distance);
        } else if (distance != distances.at(next++)) {
          Refuse(node, "ranks " + std::to_string(each.ranks[0]) + " and " + std::to_string(rank) +
                           " send to or receive from different places of the model");
        }
      }
    }
  }

  std::string Description() const {
    nlohmann::json before = nlohmann::json::parse(m_set.description_json, nullptr, false);
    nlohmann::ordered_json json;
    json["rescaled_from_dp"] = m_from.Copies();
    json["rescaled_to_dp"] = m_to.Copies();
    json["before"] = before.is_object() ? before : nlohmann::json::object();
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

  const TraceSet& m_set;
  const RescaleOptions& m_options;
  const ClassedSet m_classed;
  const ReplicaGrid m_from;
  const ReplicaGrid m_to;
  std::map<std::string, AxisReach> m_reach;
  std::vector<uint32_t> m_index_in_copy;  // by position
  RescaleReport m_report;
};

}  // namespace

RescaleReport RescaleTraceSet(const TraceSet& set, const RescaleOptions& options) {
  const ValidationReport report = ValidateTraceSet(set);
  if (!report.is_topological) {
    throw InputError(set.path, "has nodes that stand before what they wait for",
                     "sort the files so that dependencies stand first");
  }
  return Rescaler(set, options).Run();
}

}  // namespace ddlsim
