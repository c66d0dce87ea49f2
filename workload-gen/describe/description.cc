// SPDX-License-Identifier: MIT
#include "workload-gen/describe/description.h"

#include <algorithm>

namespace ddlsim {
namespace {

void AddCriticalPath(const ClassGraph& graph, const IdealRun& run, Description& description) {
  description.critical_path_ns = run.total_ns;
  std::vector<PathShare> shares(graph.OperationClasses().size());
  for (size_t i = 0; i < shares.size(); ++i)
    shares[i].operation_class = graph.OperationClasses()[i];
  for (uint32_t index : run.critical_path) {
    const ClassGraph::Node& node = graph.Nodes()[index];
    switch (node.type) {
      case NodeType::kCollective:
        ++description.critical_collectives;
        break;
      case NodeType::kSend:
        ++description.critical_messages;
        break;
      case NodeType::kReceive:
        break;
      default:
        ++shares[node.operation_class].count;
        shares[node.operation_class].duration_ns += node.duration_ns;
    }
  }
  shares.erase(std::remove_if(shares.begin(), shares.end(),
                              [](const PathShare& share) { return share.count == 0; }),
               shares.end());
  std::stable_sort(shares.begin(), shares.end(), [](const PathShare& a, const PathShare& b) {
    return a.duration_ns > b.duration_ns;
  });
  description.critical_path = std::move(shares);
}

// The class of the rank of each stage whose memory is shown.
std::vector<uint32_t> ShownClasses(const NodeSource& source, const MemoryVerdict& memory) {
  const Parallelism& parallelism = source.workload->options.parallelism;
  const RankGrid grid = DenseGrid(parallelism);
  const std::vector<uint32_t> member_of = GroupMembers(parallelism);
  std::vector<uint32_t> first_rank(memory.stages.size(), UINT32_MAX);
  std::vector<uint32_t> shown(memory.stages.size(), 0);
  for (uint32_t i = 0; i < source.set.classes.size(); ++i) {
    for (uint32_t rank : source.set.classes[i].ranks) {
      if (rank >= grid.RankCount()) continue;  // a parameter server
      const uint32_t stage = grid.Coordinate(rank, "pp");
      if (member_of[rank] != memory.members[stage] || rank > first_rank[stage]) continue;
      first_rank[stage] = rank;
      shown[stage] = i;
    }
  }
  return shown;
}

}  // namespace

Description Describe(const NodeSource& source) {
  Description description;
  description.tables = SumNodes(source);
  const ClassGraph graph(source);
  const IdealRun run = RunIdeally(graph);
  description.unknown_durations = graph.UnknownDurations();
  AddCriticalPath(graph, run, description);
  if (source.workload) {
    description.memory = JudgeMemory(*source.workload);
    description.passes = FindPasses(graph, run, ShownClasses(source, *description.memory));
    description.memory_course =
        MemoryCourse(*source.workload, *description.memory, description.passes);
  }
  return description;
}

}  // namespace ddlsim
