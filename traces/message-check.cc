// SPDX-License-Identifier: MIT
#include "traces/message-check.h"

#include <algorithm>
#include <map>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr const char* kRemedy = "correct the tool that wrote the set";

// What goes from one rank to another: sends less receives, which has to come out as zero.
struct Edge {
  uint32_t source;
  uint32_t destination;
  Digest balance;
};

uint32_t ResolvePeer(const TraceSet& set, const GroupIndex& index, const PeerKey& key,
                     uint32_t rank) {
  uint32_t peer;
  if (key.is_relative) {
    const std::string& axis = key.axis == 0 ? std::string() : set.axes[key.axis - 1].name;
    const GroupIndex::Member member = index.FindOrThrow(axis, rank);
    peer = RelativePeer(*member.group, member.index, static_cast<int32_t>(key.peer));
  } else {
    peer = static_cast<uint32_t>(key.peer);
  }
  if (peer == rank) {
    throw InputError(set.path,
                     "rank " + std::to_string(rank) +
                         (key.is_send ? " sends to itself" : " receives from itself"),
                     "a message needs two ranks: replace it by a dependency");
  }
  return peer;
}

// Distinct peers of classes with many ranks multiply: a small hostile file must not claim
// unbounded memory. Sets with one file per rank cannot have more edges than nodes.
void CheckEdgeCount(const TraceSet& set, const SetScan& scan) {
  constexpr uint64_t kEdgesMax = 1 << 24;
  uint64_t edges = 0;
  uint64_t nodes = 0;
  for (size_t i = 0; i < set.classes.size(); ++i) {
    edges = SaturatingAdd(
        edges, SaturatingMultiply(set.classes[i].ranks.size(), scan.classes[i].messages.size()));
    nodes += scan.classes[i].totals.nodes;
  }
  if (edges > kEdgesMax && edges > nodes) {
    throw InputError(set.path, std::to_string(edges) + " pairs of ranks exchange messages",
                     "2^24 is the limit for sets with rank classes");
  }
}

// Tag and size of every message from `source` to `destination`: sends less receives.
std::map<std::pair<uint32_t, uint64_t>, int64_t> Balance(const TraceSet& set,
                                                         const GroupIndex& index,
                                                         const SetScan& scan, const Edge& edge) {
  std::map<std::pair<uint32_t, uint64_t>, int64_t> balance;
  for (const bool is_send : {true, false}) {
    const uint32_t own = is_send ? edge.source : edge.destination;
    const uint32_t other = is_send ? edge.destination : edge.source;
    TraceReader reader(set.classes[scan.class_of_rank[own]].file);
    GraphNode node;
    while (reader.Next(node)) {
      if (node.type != (is_send ? NodeType::kSend : NodeType::kReceive)) continue;
      PeerKey key = {is_send, node.peer_is_relative, 0, node.peer_rank};
      if (node.peer_is_relative) key.axis = index.AxisOf(node.group);
      if (node.peer_is_relative) key.peer = node.peer_offset;
      if (ResolvePeer(set, index, key, own) != other) continue;
      balance[{node.tag, node.size_bytes}] += is_send ? 1 : -1;
    }
  }
  return balance;
}

[[noreturn]] void RefuseEdge(const TraceSet& set, const GroupIndex& index, const SetScan& scan,
                             const Edge& edge) {
  const std::string source = "rank " + std::to_string(edge.source);
  const std::string destination = "rank " + std::to_string(edge.destination);
  const auto balance = Balance(set, index, scan, edge);
  for (const auto& [message, count] : balance) {
    if (count == 0) continue;
    const std::string what = std::to_string(count > 0 ? count : -count) + " message(s) of " +
                             std::to_string(message.second) + " bytes with tag " +
                             std::to_string(message.first);
    std::string problem = count > 0 ? source : destination;
    problem += (count > 0 ? " sends " : " receives ") + what + " that ";
    problem += count > 0 ? destination + " does not receive" : source + " does not send";
    throw InputError(set.path, problem, kRemedy);
  }
  throw InputError(set.path, "messages from " + source + " to " + destination + " do not match",
                   kRemedy);
}

}  // namespace

void CheckMessages(const TraceSet& set, const GroupIndex& index, const SetScan& scan) {
  CheckEdgeCount(set, scan);
  std::vector<Edge> edges;
  for (size_t i = 0; i < set.classes.size(); ++i) {
    for (const auto& [key, digest] : scan.classes[i].messages) {
      for (uint32_t rank : set.classes[i].ranks) {
        const uint32_t peer = ResolvePeer(set, index, key, rank);
        if (key.is_send) {
          edges.push_back({rank, peer, digest});
        } else {
          edges.push_back({peer, rank, {}});
          edges.back().balance.Subtract(digest);
        }
      }
    }
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
    return std::tie(a.source, a.destination) < std::tie(b.source, b.destination);
  });
  for (size_t i = 0; i < edges.size();) {
    Edge sum = edges[i++];
    while (i < edges.size() && edges[i].source == sum.source &&
           edges[i].destination == sum.destination) {
      sum.balance.Add(edges[i++].balance);
    }
    if (!(sum.balance == Digest())) RefuseEdge(set, index, scan, sum);
  }
}

}  // namespace ddlsim
