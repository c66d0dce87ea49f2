// SPDX-License-Identifier: MIT
#include "traces/trace-set.h"

#include <algorithm>
#include <numeric>

#include "base/input-error.h"

namespace ddlsim {

std::vector<uint32_t> TraceSet::GroupOf(const std::string& name, uint32_t rank) const {
  if (name.empty()) {
    std::vector<uint32_t> all(rank_count);
    std::iota(all.begin(), all.end(), 0u);
    return all;
  }
  for (const GroupAxis& axis : axes) {
    if (axis.name != name) continue;
    for (const std::vector<uint32_t>& group : axis.groups) {
      if (std::find(group.begin(), group.end(), rank) != group.end()) return group;
    }
    throw InputError(path,
                     "rank " + std::to_string(rank) + " is in no group '" + Printable(name) + "'",
                     "add the rank to the group or remove what it does there");
  }
  throw InputError(path, "group '" + Printable(name) + "' is unknown",
                   "name the file of the groups with --groups=FILE");
}

uint64_t TraceSet::SizeBytes(const GraphNode& node, uint64_t group_rank_count) const {
  if (comm_size_meaning == CommSizeMeaning::kTotal || node.type != NodeType::kCollective ||
      !HasShares(node.collective)) {
    return node.size_bytes;
  }
  if (group_rank_count != 0 && node.size_bytes > kSizeMaxBytes / group_rank_count) {
    throw InputError(path,
                     "node " + std::to_string(node.id) + " moves " +
                         std::to_string(node.size_bytes) + " bytes per rank of " +
                         std::to_string(group_rank_count),
                     "use --comm-size=total if that is their sum");
  }
  return node.size_bytes * group_rank_count;
}

uint32_t RelativePeer(const std::vector<uint32_t>& members, uint32_t own_index, int32_t offset) {
  const auto count = static_cast<int64_t>(members.size());
  const int64_t index = (static_cast<int64_t>(own_index) + offset) % count;
  return members[static_cast<size_t>(index < 0 ? index + count : index)];
}

uint32_t TraceSet::PeerOf(const GraphNode& node, uint32_t rank) const {
  if (node.peer_is_relative) {
    const std::vector<uint32_t> members = GroupOf(node.group, rank);
    const auto own = std::find(members.begin(), members.end(), rank);
    return RelativePeer(members, static_cast<uint32_t>(own - members.begin()), node.peer_offset);
  }
  if (node.peer_rank >= rank_count) {
    throw InputError(path,
                     "node " + std::to_string(node.id) + " names rank " +
                         std::to_string(node.peer_rank) + " as its peer",
                     "the set has ranks 0 to " + std::to_string(rank_count - 1));
  }
  return node.peer_rank;
}

}  // namespace ddlsim
