// SPDX-License-Identifier: MIT
//
// The graphs of all rank classes as one: a rank of each class stands for the others, which is exact
// where all ranks of a class have peers of the same classes. 64 bytes per node and 16 per
// dependency; names are not kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workload-gen/describe/node-source.h"
#include "workload-gen/describe/pass-name.h"

namespace ddlsim {

class ClassGraph {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint64_t kNodesMax = 1u << 25;

  struct Node {
    uint64_t duration_ns = 0;
    uint32_t rank_class = 0;
    uint32_t operation_class = 0;  // index into OperationClasses()
    uint32_t meeting = kNone;      // of collectives: where ranks of several classes meet
    NodeType type = NodeType::kCompute;
    PassName pass;
  };
  struct Edge {
    uint32_t from = 0;
    uint32_t to = 0;
  };

  // Throws InputError where there are more than kNodesMax nodes, or where the ranks of a class have
  // peers of different classes.
  explicit ClassGraph(const NodeSource& source);

  const std::vector<Node>& Nodes() const { return m_nodes; }  // class by class, in file order
  const std::vector<Edge>& Edges() const { return m_edges; }  // dependencies and messages
  uint32_t MeetingCount() const { return m_meeting_count; }
  const std::vector<std::string>& OperationClasses() const { return m_operation_classes; }
  uint64_t UnknownDurations() const { return m_unknown_durations; }

 private:
  class Peers;
  struct Messages {
    std::vector<uint32_t> sends, receives;  // in the order of the files
  };

  void Load(const NodeSource& source, uint32_t rank_class, Peers& peers);
  void AddCommunication(const GraphNode& node, uint32_t index, Peers& peers);
  void JoinMessages(const Peers& peers);

  std::vector<Node> m_nodes;
  std::vector<Edge> m_edges;
  uint32_t m_meeting_count = 0;
  std::vector<std::string> m_operation_classes;
  std::map<std::string, uint32_t> m_operation_class_of;
  uint64_t m_unknown_durations = 0;
};

}  // namespace ddlsim
