// SPDX-License-Identifier: MIT
#include "workload-gen/describe/trace-tables.h"

#include "traces/class-totals.h"

namespace ddlsim {
namespace {

void AddOperation(const GraphNode& node, ClassTables& tables) {
  const bool is_memory = node.type != NodeType::kCompute;
  std::string name = is_memory ? NodeTypeName(node.type) : node.operation_class;
  if (name.empty()) name = "unnamed";
  OperationTotals& totals = tables.operations[name];
  ++totals.count;
  totals.operations = SaturatingAdd(totals.operations, node.operations);
  totals.memory_bytes = SaturatingAdd(totals.memory_bytes, node.memory_bytes);
  if (node.duration_ns != kNoDuration) {
    totals.duration_ns = SaturatingAdd(totals.duration_ns, node.duration_ns);
  } else if (node.operations > 0 || node.memory_bytes > 0) {
    ++totals.without_duration;
  }
}

void AddExchange(const GraphNode& node, ClassTables& tables) {
  const char* what = node.type == NodeType::kCollective ? CollectiveName(node.collective)
                                                        : NodeTypeName(node.type);
  const bool is_absolute = node.type != NodeType::kCollective && !node.peer_is_relative;
  ExchangeTotals& totals = tables.exchanges[{is_absolute ? "" : node.group, what}];
  ++totals.calls;
  totals.size_bytes = SaturatingAdd(totals.size_bytes, node.size_bytes);
}

}  // namespace

uint64_t ClassTables::DurationNs() const {
  uint64_t sum = 0;
  for (const auto& [name, totals] : operations) sum = SaturatingAdd(sum, totals.duration_ns);
  return sum;
}

std::vector<ClassTables> SumNodes(const NodeSource& source) {
  std::vector<ClassTables> classes(source.set.classes.size());
  for (size_t i = 0; i < classes.size(); ++i) {
    source.for_each(i, [&](const GraphNode& node) {
      ++classes[i].nodes;
      switch (node.type) {
        case NodeType::kCompute:
        case NodeType::kMemoryLoad:
        case NodeType::kMemoryStore:
          return AddOperation(node, classes[i]);
        case NodeType::kSend:
        case NodeType::kReceive:
        case NodeType::kCollective:
          return AddExchange(node, classes[i]);
      }
    });
  }
  return classes;
}

}  // namespace ddlsim
