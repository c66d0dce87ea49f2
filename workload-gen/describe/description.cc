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

}  // namespace

Description Describe(const NodeSource& source) {
  Description description;
  description.tables = SumNodes(source);
  const ClassGraph graph(source);
  const IdealRun run = RunIdeally(graph);
  description.unknown_durations = graph.UnknownDurations();
  AddCriticalPath(graph, run, description);
  description.passes = FindPasses(graph, run);
  if (source.workload) {
    description.memory = JudgeMemory(*source.workload);
    description.memory_course = MemoryCourse(*source.workload, description.passes);
  }
  return description;
}

}  // namespace ddlsim
