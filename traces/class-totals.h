// SPDX-License-Identifier: MIT
//
// Sums over the nodes of one file. They stand in the manifest, are checked against the file by the
// validation, and are what `ddl-trace info` shows. Sums stop at the largest number, so that files
// with absurd sizes cannot wrap them.
#pragma once

#include <array>
#include <cstdint>

#include "traces/execution-graph.h"

namespace ddlsim {

uint64_t SaturatingAdd(uint64_t a, uint64_t b);
uint64_t SaturatingMultiply(uint64_t a, uint64_t b);

struct ClassTotals {
  uint64_t nodes = 0;
  uint64_t compute_nodes = 0;
  uint64_t memory_nodes = 0;
  uint64_t send_nodes = 0;
  uint64_t receive_nodes = 0;
  uint64_t collective_nodes = 0;
  uint64_t communication_bytes = 0;  // size_bytes of sends and collectives
  uint64_t compute_ns = 0;           // durations of compute and memory nodes, where stated

  // Not in the manifest.
  uint64_t send_bytes = 0;
  uint64_t operations = 0;
  uint64_t unknown_durations = 0;  // nodes that leave their duration to a model
  std::array<uint64_t, kCollectiveTypeCount> collectives{};  // by CollectiveType
  std::array<uint64_t, kCollectiveTypeCount> collective_bytes{};

  // `size_bytes` instead of the node's own: as in nccl-tests, see TraceSet::SizeBytes.
  void Add(const GraphNode& node, uint64_t size_bytes);
  // Adds `other` `times` over.
  void Add(const ClassTotals& other, uint64_t times = 1);
};

}  // namespace ddlsim
