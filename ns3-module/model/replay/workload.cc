// SPDX-License-Identifier: GPL-2.0-only
#include "replay/workload.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/input-error.h"
#include "replay/graph-builder.h"

namespace ddlsim {
namespace {

// The axes on which every rank of the graph must have a group.
std::set<uint32_t> AxesOf(const ClassGraph& graph) {
  std::set<uint32_t> axes;
  for (uint32_t node = 0; node < graph.NodeCount(); ++node) {
    if (!graph.IsCommunication(node)) continue;
    const ClassGraph::Communication& communication = graph.CommunicationOf(node);
    if (graph.Type(node) == NodeType::kCollective || communication.peer_is_relative) {
      axes.insert(communication.axis);
    }
  }
  return axes;
}

// One graph serves all ranks of a class, so a size must mean the same at each of them.
uint64_t SizeForClass(const TraceSet& set, const RankClass& rank_class, const GraphNode& node,
                      const CommunicatorTable& communicators, const std::string& place) {
  const uint32_t axis = communicators.FindAxis(node.group);
  if (axis == CommunicatorTable::kNone) return node.size_bytes;  // GraphBuilder refuses it
  uint32_t seen_ranks = 0;
  uint64_t size_bytes = node.size_bytes;
  for (const uint32_t rank : rank_class.ranks) {
    const uint32_t communicator = rank < communicators.RankCount() ? communicators.Find(axis, rank)
                                                                   : CommunicatorTable::kNone;
    if (communicator == CommunicatorTable::kNone) continue;  // Workload::AddClass() refuses it
    const uint32_t group_ranks = communicators.At(communicator).Size();
    if (group_ranks == seen_ranks) continue;
    const uint64_t converted_bytes = set.SizeBytes(node, group_ranks);
    if (seen_ranks != 0 && converted_bytes != size_bytes) {
      throw InputError(place, "states a size per rank for groups of different sizes",
                       "give ranks whose groups differ in size files of their own");
    }
    seen_ranks = group_ranks;
    size_bytes = converted_bytes;
  }
  return size_bytes;
}

}  // namespace

Workload::Workload(uint32_t rank_count, std::vector<CommunicatorAxis> axes)
    : m_communicators(std::make_unique<CommunicatorTable>(rank_count, std::move(axes))),
      m_class_of_rank(rank_count, kNoClass) {}

void Workload::AddClass(const std::string& place, std::unique_ptr<const ClassGraph> graph,
                        const std::vector<uint32_t>& ranks) {
  const std::set<uint32_t> axes = AxesOf(*graph);
  for (const uint32_t rank : ranks) {
    if (rank >= RankCount()) {
      throw InputError(place,
                       "is for rank " + std::to_string(rank) + " of a set of " +
                           std::to_string(RankCount()) + " ranks",
                       "correct the rank count");
    }
    if (m_class_of_rank[rank] != kNoClass) {
      throw InputError(place, "is a second graph for rank " + std::to_string(rank),
                       "give every rank one file");
    }
    m_class_of_rank[rank] = ClassCount();
    for (const uint32_t axis : axes) {
      if (m_communicators->Find(axis, rank) != CommunicatorTable::kNone) continue;
      throw InputError(place,
                       "uses group '" + Printable(m_communicators->AxisName(axis)) +
                           "', which does not contain rank " + std::to_string(rank),
                       "add the rank to a group of this name");
    }
  }
  m_graphs.push_back(std::move(graph));
}

void Workload::CheckComplete(const std::string& place) const {
  for (uint32_t rank = 0; rank < RankCount(); ++rank) {
    if (m_class_of_rank[rank] != kNoClass) continue;
    throw InputError(place, "has no file for rank " + std::to_string(rank),
                     "give every rank one file");
  }
}

uint64_t Workload::NodeCount() const {
  uint64_t count = 0;
  for (uint32_t rank = 0; rank < RankCount(); ++rank) count += GraphOf(rank).NodeCount();
  return count;
}

uint64_t Workload::GraphMemoryBytes() const {
  uint64_t bytes = 0;
  for (const auto& graph : m_graphs) bytes += graph->MemoryBytes();
  return bytes;
}

Workload LoadWorkload(const TraceSet& set, const DurationModel& durations) {
  if (set.rank_count == 0) throw InputError(set.path, "has no ranks", "use at least one rank");
  std::vector<CommunicatorAxis> axes;
  for (const GroupAxis& axis : set.axes) axes.push_back({axis.name, axis.groups});
  Workload workload(set.rank_count, std::move(axes));
  for (const RankClass& rank_class : set.classes) {
    TraceReader reader(rank_class.file);
    GraphBuilder builder(rank_class.file, workload.Communicators(), durations);
    GraphNode node;
    while (reader.Next(node)) {
      if (node.type == NodeType::kCollective) {
        node.size_bytes =
            SizeForClass(set, rank_class, node, workload.Communicators(), reader.Place());
      }
      builder.Add(node);
    }
    workload.AddClass(rank_class.file, builder.Finish(), rank_class.ranks);
  }
  workload.CheckComplete(set.path);
  return workload;
}

}  // namespace ddlsim
