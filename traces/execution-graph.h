// SPDX-License-Identifier: MIT
//
// One node of an execution graph as this project uses it, independent of the wire format.
// The wire format is MLCommons Chakra's (schema 0.0.4); docs/trace-format.md has the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

enum class NodeType : uint8_t { kMemoryLoad, kMemoryStore, kCompute, kSend, kReceive, kCollective };

enum class CollectiveType : uint8_t {
  kAllReduce,
  kReduce,
  kAllGather,
  kGather,
  kScatter,
  kBroadcast,
  kAllToAll,
  kReduceScatter,
  kBarrier,
};

constexpr size_t kCollectiveTypeCount = 9;

// "all_reduce" and so on: the names of --collective, of results and of messages.
const char* CollectiveName(CollectiveType type);
// "memory_load", "compute", "send" and so on.
const char* NodeTypeName(NodeType type);
// Reduce, gather, scatter and broadcast: their `root` counts.
bool IsRooted(CollectiveType type);
// All_gather, reduce_scatter, all_to_all, gather and scatter: their size is the sum of equal shares
// of the ranks.
bool HasShares(CollectiveType type);

constexpr uint64_t kNoDuration = UINT64_MAX;

// Limits of what a node may state: far above any real workload, low enough that sums of
// picoseconds and bytes do not overflow 64 bits within a run. Reader and writer enforce them.
constexpr uint32_t kRankCountMax = 1u << 20;
constexpr uint64_t kSizeMaxBytes = uint64_t{1} << 50;
constexpr uint64_t kDurationMaxNs = 1000000000000000;  // 1e6 s
constexpr uint64_t kOperationsMax = INT64_MAX;
constexpr uint64_t kShareWeightMax = uint64_t{1} << 50;

// Of an all_to_all, where the members of the group do not get equal parts; empty: they do. Member j
// receives weights[j] / sum of what every member sends or, where `are_sent`, sends weights[j] / sum
// of what every member receives: the way back. traces/member-shares.h makes bytes of them.
struct MemberShares {
  std::vector<uint64_t> weights;  // by member
  bool are_sent = false;

  bool IsEmpty() const { return weights.empty(); }
  bool operator==(const MemberShares& other) const {
    return are_sent == other.are_sent && weights == other.weights;
  }
  bool operator!=(const MemberShares& other) const { return !(*this == other); }
};

// Only the fields of its type are meaningful in a node; the others keep their defaults.
struct GraphNode {
  uint64_t id = 0;  // unique within a file, any order, may start at 0
  std::string name;
  NodeType type = NodeType::kCompute;
  // Identifiers of the nodes that must have completed before this one starts. Both kinds count.
  std::vector<uint64_t> control_dependencies;
  std::vector<uint64_t> data_dependencies;

  // Compute and memory: exact duration, or kNoDuration where only the work is known.
  uint64_t duration_ns = kNoDuration;
  uint64_t operations = 0;      // floating-point operations (attribute num_ops)
  uint64_t memory_bytes = 0;    // bytes moved (attribute tensor_size)
  std::string operation_class;  // attribute ddl_class: matmul, attention, elementwise, optimizer...

  // Communication. `size_bytes` of a collective is its size as in nccl-tests: the buffer of one
  // rank for all_reduce, broadcast, reduce; the total output for all_gather, the total input of a
  // rank for reduce_scatter and all_to_all, the root's buffer for gather and scatter. What a reader
  // returns is the file's own figure; TraceSet::SizeBytes converts, since that takes the group.
  uint64_t size_bytes = 0;
  CollectiveType collective = CollectiveType::kAllReduce;
  std::string group;    // name of the communicator group; empty: all ranks
  uint32_t root = 0;    // index within the group, for rooted collectives
  MemberShares shares;  // all_to_all; `size_bytes` is then what a member sends, or receives
  // Send and receive: the peer. In a rank class the peer is relative: member
  // (own index + peer_offset) modulo the group's size of the rank's own group on axis `group`.
  bool peer_is_relative = false;
  int32_t peer_offset = 0;
  uint32_t peer_rank = 0;  // absolute rank, where !peer_is_relative
  uint32_t tag = 0;
  // Send: a GPU's copy engine writes into memory of the peer that is mapped, where there is a
  // scale-up network between them: no library launches or copies anything.
  bool is_copy = false;
};

}  // namespace ddlsim
