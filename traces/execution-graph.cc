// SPDX-License-Identifier: MIT
#include "traces/execution-graph.h"

namespace ddlsim {

const char* CollectiveName(CollectiveType type) {
  switch (type) {
    case CollectiveType::kAllReduce:
      return "all_reduce";
    case CollectiveType::kReduce:
      return "reduce";
    case CollectiveType::kAllGather:
      return "all_gather";
    case CollectiveType::kGather:
      return "gather";
    case CollectiveType::kScatter:
      return "scatter";
    case CollectiveType::kBroadcast:
      return "broadcast";
    case CollectiveType::kAllToAll:
      return "all_to_all";
    case CollectiveType::kReduceScatter:
      return "reduce_scatter";
    case CollectiveType::kBarrier:
      return "barrier";
  }
  return "unknown";
}

const char* NodeTypeName(NodeType type) {
  switch (type) {
    case NodeType::kMemoryLoad:
      return "memory_load";
    case NodeType::kMemoryStore:
      return "memory_store";
    case NodeType::kCompute:
      return "compute";
    case NodeType::kSend:
      return "send";
    case NodeType::kReceive:
      return "receive";
    case NodeType::kCollective:
      return "collective";
  }
  return "unknown";
}

bool IsRooted(CollectiveType type) {
  return type == CollectiveType::kReduce || type == CollectiveType::kGather ||
         type == CollectiveType::kScatter || type == CollectiveType::kBroadcast;
}

bool HasShares(CollectiveType type) {
  return type == CollectiveType::kAllGather || type == CollectiveType::kReduceScatter ||
         type == CollectiveType::kAllToAll || type == CollectiveType::kGather ||
         type == CollectiveType::kScatter;
}

}  // namespace ddlsim
