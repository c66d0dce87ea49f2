// SPDX-License-Identifier: MIT
//
// What a communication operator of PyTorch's execution graph sends, to whom, and how much.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/execution-graph.h"
#include "traces/import/torch-graph.h"

namespace ddlsim {

struct TorchCommunication {
  NodeType type = NodeType::kCollective;  // or kSend, kReceive
  CollectiveType collective = CollectiveType::kAllReduce;
  // As in nccl-tests. Nothing where it is a multiple of the group's ranks: see share_bytes.
  uint64_t size_bytes = 0;
  uint64_t share_bytes = 0;  // gather, scatter: of one rank; the size is that times the ranks
  std::optional<std::string> group;  // name of the process group, where the graph says it
  uint32_t root = 0;                 // member of the group
  uint32_t peer = 0;                 // member of the group
  uint32_t tag = 0;
};

// `root` is the outermost operator of the communication, `within` those that it called. Nothing for
// one that communicates nothing (waits, coalescing marks). Throws InputError for a communication
// that is unknown or cannot be expressed: unequal shares, a receive from any rank.
std::optional<TorchCommunication> ReadTorchCommunication(
    const std::string& path, const TorchOperator& root,
    const std::vector<const TorchOperator*>& within);

}  // namespace ddlsim
