// SPDX-License-Identifier: MIT
#include "traces/node-json.h"

#include <nlohmann/json.hpp>

#include "traces/rank-list.h"

namespace ddlsim {
namespace {

using Json = nlohmann::ordered_json;

void AddWork(const GraphNode& node, Json& json) {
  if (node.duration_ns != kNoDuration) json["duration_ns"] = node.duration_ns;
  if (node.operations != 0) json["operations"] = node.operations;
  if (node.memory_bytes != 0) json["memory_bytes"] = node.memory_bytes;
  if (!node.operation_class.empty()) json["class"] = node.operation_class;
}

void AddMessage(const GraphNode& node, const TraceSet& set, const GroupIndex& index,
                std::optional<uint32_t> rank, Json& json) {
  json["size_bytes"] = node.size_bytes;
  json["tag"] = node.tag;
  if (node.is_copy) json["copy"] = true;
  if (node.peer_is_relative) {
    json["group"] = node.group;
    json["peer_offset"] = node.peer_offset;
  }
  if (rank && node.peer_is_relative) {
    const GroupIndex::Member member = index.FindOrThrow(node.group, *rank);
    json["peer_rank"] = RelativePeer(*member.group, member.index, node.peer_offset);
  } else if (!node.peer_is_relative) {
    json["peer_rank"] = node.peer_rank;
  }
}

void AddCollective(const GraphNode& node, const TraceSet& set, const GroupIndex& index,
                   std::optional<uint32_t> rank, Json& json) {
  json["collective"] = CollectiveName(node.collective);
  json["group"] = node.group;
  if (IsRooted(node.collective)) json["root"] = node.root;
  if (!node.shares.IsEmpty()) {
    json[node.shares.are_sent ? "send_shares" : "receive_shares"] = node.shares.weights;
  }
  if (rank) {
    const GroupIndex::Member member = index.FindOrThrow(node.group, *rank);
    json["size_bytes"] = set.SizeBytes(node, member.group->size());
    json["group_ranks"] = FormatRankList(*member.group);
  } else {
    json["comm_size"] = node.size_bytes;
  }
}

}  // namespace

std::string NodeToJson(const GraphNode& node, const TraceSet& set, const GroupIndex& index,
                       std::optional<uint32_t> rank) {
  Json json;
  if (rank) json["rank"] = *rank;
  json["id"] = node.id;
  json["name"] = node.name;
  json["type"] = NodeTypeName(node.type);
  json["control_dependencies"] = node.control_dependencies;
  json["data_dependencies"] = node.data_dependencies;
  switch (node.type) {
    case NodeType::kMemoryLoad:
    case NodeType::kMemoryStore:
    case NodeType::kCompute:
      AddWork(node, json);
      break;
    case NodeType::kSend:
    case NodeType::kReceive:
      AddMessage(node, set, index, rank, json);
      break;
    case NodeType::kCollective:
      AddCollective(node, set, index, rank, json);
      break;
  }
  return json.dump();
}

}  // namespace ddlsim
