// SPDX-License-Identifier: GPL-2.0-only
#include "replay/synthetic-workload.h"

#include <numeric>
#include <string>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "fabric/random.h"
#include "replay/graph-builder.h"

namespace ddlsim {
namespace {

std::vector<uint32_t> AllRanks(uint32_t rank_count) {
  std::vector<uint32_t> ranks(rank_count);
  std::iota(ranks.begin(), ranks.end(), 0);
  return ranks;
}

void RequireTwoRanks(uint32_t rank_count) {
  if (rank_count >= 2) return;
  throw InputError("--hosts", "one rank has nobody to send to", "use at least 2 hosts");
}

}  // namespace

Workload MakeCollectiveWorkload(uint32_t rank_count, const CollectiveWorkload& collective) {
  if (IsRooted(collective.type) && collective.root >= rank_count) {
    throw InputError("root " + std::to_string(collective.root),
                     "is outside " + std::to_string(rank_count) + " ranks", "roots count from 0");
  }
  Workload workload(rank_count, {});
  const DurationModel durations;
  GraphBuilder builder("--collective", workload.Communicators(), durations);
  for (uint32_t i = 0; i < collective.repetitions; ++i) {
    GraphNode node;
    node.id = i;
    node.name = CollectiveName(collective.type);
    if (collective.repetitions > 1) node.name += "." + std::to_string(i);
    node.type = NodeType::kCollective;
    node.collective = collective.type;
    node.size_bytes = collective.size_bytes;
    node.root = collective.root;
    if (i > 0) node.control_dependencies.push_back(i - 1);
    builder.Add(node);
  }
  workload.AddClass("--collective", builder.Finish(), AllRanks(rank_count));
  return workload;
}

Workload MakeCollectiveBench(uint32_t rank_count, const CollectiveBench& bench) {
  Workload workload(rank_count, {});
  const DurationModel durations;
  GraphBuilder builder("--collective-bench", workload.Communicators(), durations);
  uint64_t id = 0;
  for (const uint64_t size_bytes : bench.sizes_bytes) {
    for (uint32_t i = 0; i < bench.repetitions; ++i) {
      GraphNode node;
      node.id = id;
      node.name = bench.name.empty() ? CollectiveName(bench.type) : bench.name;
      node.name += "." + FormatSize(size_bytes);
      if (bench.repetitions > 1) node.name += "." + std::to_string(i);
      node.type = NodeType::kCollective;
      node.collective = bench.type;
      node.size_bytes = size_bytes;
      if (id > 0) node.control_dependencies.push_back(id - 1);
      builder.Add(node);
      ++id;
    }
  }
  workload.AddClass("--collective-bench", builder.Finish(), AllRanks(rank_count));
  workload.SetLockstep();
  return workload;
}

Workload MakeSendReceiveWorkload(uint32_t rank_count, uint64_t size_bytes) {
  RequireTwoRanks(rank_count);
  Workload workload(rank_count, {});
  const DurationModel durations;
  GraphBuilder builder("--collective", workload.Communicators(), durations);
  for (const NodeType type : {NodeType::kSend, NodeType::kReceive}) {
    GraphNode node;
    node.id = type == NodeType::kSend ? 0 : 1;
    node.name = NodeTypeName(type);
    node.type = type;
    node.size_bytes = size_bytes;
    node.peer_is_relative = true;
    node.peer_offset = type == NodeType::kSend ? 1 : -1;
    builder.Add(node);
  }
  workload.AddClass("--collective", builder.Finish(), AllRanks(rank_count));
  return workload;
}

Workload MakePermutationWorkload(const std::vector<uint32_t>& destinations, uint64_t size_bytes) {
  const uint32_t rank_count = static_cast<uint32_t>(destinations.size());
  RequireTwoRanks(rank_count);
  std::vector<uint32_t> sources(rank_count, UINT32_MAX);
  for (uint32_t rank = 0; rank < rank_count; ++rank) {
    const uint32_t destination = destinations[rank];
    if (destination >= rank_count || destination == rank || sources[destination] != UINT32_MAX) {
      throw InputError("permutation",
                       "rank " + std::to_string(rank) + " sends to " + std::to_string(destination),
                       "name every rank but the sender once as a destination");
    }
    sources[destination] = rank;
  }
  Workload workload(rank_count, {});
  const DurationModel durations;
  for (uint32_t rank = 0; rank < rank_count; ++rank) {
    GraphBuilder builder("permutation", workload.Communicators(), durations);
    GraphNode node;
    node.name = "send";
    node.type = NodeType::kSend;
    node.size_bytes = size_bytes;
    node.peer_rank = destinations[rank];
    builder.Add(node);
    node.id = 1;
    node.name = "receive";
    node.type = NodeType::kReceive;
    node.peer_rank = sources[rank];
    builder.Add(node);
    workload.AddClass("permutation", builder.Finish(), {rank});
  }
  return workload;
}

std::vector<uint32_t> RandomPermutation(uint32_t rank_count, uint64_t seed) {
  RequireTwoRanks(rank_count);
  std::vector<uint32_t> permutation = AllRanks(rank_count);
  const uint64_t stream = NameKey("permutation");
  for (uint32_t i = rank_count - 1; i > 0; --i) {
    const uint64_t j = Draw(seed, stream, i) % i;
    std::swap(permutation[i], permutation[j]);
  }
  return permutation;
}

}  // namespace ddlsim
