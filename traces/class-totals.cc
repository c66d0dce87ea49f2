// SPDX-License-Identifier: MIT
#include "traces/class-totals.h"

namespace ddlsim {

uint64_t SaturatingAdd(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t SaturatingMultiply(uint64_t a, uint64_t b) {
  return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

void ClassTotals::Add(const GraphNode& node, uint64_t size_bytes) {
  ++nodes;
  switch (node.type) {
    case NodeType::kSend:
      ++send_nodes;
      send_bytes = SaturatingAdd(send_bytes, size_bytes);
      communication_bytes = SaturatingAdd(communication_bytes, size_bytes);
      return;
    case NodeType::kReceive:
      ++receive_nodes;
      return;
    case NodeType::kCollective: {
      const auto type = static_cast<size_t>(node.collective);
      ++collective_nodes;
      ++collectives[type];
      collective_bytes[type] = SaturatingAdd(collective_bytes[type], size_bytes);
      communication_bytes = SaturatingAdd(communication_bytes, size_bytes);
      return;
    }
    case NodeType::kCompute:
      ++compute_nodes;
      break;
    case NodeType::kMemoryLoad:
    case NodeType::kMemoryStore:
      ++memory_nodes;
      break;
  }
  operations = SaturatingAdd(operations, node.operations);
  if (node.duration_ns == kNoDuration) {
    ++unknown_durations;
  } else {
    compute_ns = SaturatingAdd(compute_ns, node.duration_ns);
  }
}

void ClassTotals::Add(const ClassTotals& other, uint64_t times) {
  const auto add = [times](uint64_t& sum, uint64_t value) {
    sum = SaturatingAdd(sum, SaturatingMultiply(value, times));
  };
  add(nodes, other.nodes);
  add(compute_nodes, other.compute_nodes);
  add(memory_nodes, other.memory_nodes);
  add(send_nodes, other.send_nodes);
  add(receive_nodes, other.receive_nodes);
  add(collective_nodes, other.collective_nodes);
  add(communication_bytes, other.communication_bytes);
  add(compute_ns, other.compute_ns);
  add(send_bytes, other.send_bytes);
  add(operations, other.operations);
  add(unknown_durations, other.unknown_durations);
  for (size_t type = 0; type < kCollectiveTypeCount; ++type) {
    add(collectives[type], other.collectives[type]);
    add(collective_bytes[type], other.collective_bytes[type]);
  }
}

}  // namespace ddlsim
