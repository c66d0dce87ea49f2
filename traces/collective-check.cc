// SPDX-License-Identifier: MIT
#include "traces/collective-check.h"

#include "base/input-error.h"
#include "traces/rank-list.h"

namespace ddlsim {
namespace {

constexpr const char* kRemedy = "correct the tool that wrote the set";

const CollectiveSequence& SequenceOf(const SetScan& scan, uint32_t rank, size_t axis) {
  static const CollectiveSequence kEmpty;
  const auto& collectives = scan.classes[scan.class_of_rank[rank]].collectives;
  const auto found = collectives.find(axis);
  return found == collectives.end() ? kEmpty : found->second;
}

std::string NameOf(const std::string& axis, const std::vector<uint32_t>& group) {
  const std::string ranks = " (ranks " + Printable(FormatRankList(group)) + ")";
  return axis.empty() ? "all ranks" + ranks : "group '" + Printable(axis) + "'" + ranks;
}

// Reads the next collective of a file on one axis.
bool NextCollective(TraceReader& reader, const std::string& axis, GraphNode& node) {
  while (reader.Next(node)) {
    if (node.type == NodeType::kCollective && node.group == axis) return true;
  }
  return false;
}

std::string Describe(const GraphNode& node) {
  std::string text = std::string(CollectiveName(node.collective)) + " of " +
                     std::to_string(node.size_bytes) + " bytes";
  if (IsRooted(node.collective)) text += " from root " + std::to_string(node.root);
  if (!node.shares.IsEmpty()) {
    text += std::string(" with shares of what is ") + (node.shares.are_sent ? "sent" : "received");
  }
  return text + " (node " + std::to_string(node.id) + ")";
}

[[noreturn]] void RefuseDifference(const TraceSet& set, const SetScan& scan,
                                   const std::string& axis, const std::vector<uint32_t>& group,
                                   uint32_t rank) {
  const uint32_t first = group.front();
  TraceReader first_reader(set.classes[scan.class_of_rank[first]].file);
  TraceReader reader(set.classes[scan.class_of_rank[rank]].file);
  GraphNode first_node;
  GraphNode node;
  const auto says = [](uint32_t who, bool has, const GraphNode& what) {
    return "rank " + std::to_string(who) + " issues " + (has ? Describe(what) : "no more");
  };
  for (uint64_t number = 1;; ++number) {
    const bool has_first = NextCollective(first_reader, axis, first_node);
    const bool has = NextCollective(reader, axis, node);
    const bool is_same = has_first && has && first_node.collective == node.collective &&
                         first_node.size_bytes == node.size_bytes && first_node.root == node.root;
    if (is_same && first_node.shares == node.shares) continue;
    const bool are_other_shares = is_same && !first_node.shares.IsEmpty() &&
                                  !node.shares.IsEmpty() &&
                                  first_node.shares.are_sent == node.shares.are_sent;
    if (are_other_shares) {
      throw InputError(set.path,
                       NameOf(axis, group) + ": as collective " + std::to_string(number) +
                           ", ranks " + std::to_string(first) + " and " + std::to_string(rank) +
                           " state different shares (nodes " + std::to_string(first_node.id) +
                           " and " + std::to_string(node.id) + ")",
                       kRemedy);
    }
    throw InputError(set.path,
                     NameOf(axis, group) + ": as collective " + std::to_string(number) + ", " +
                         says(first, has_first, first_node) + " but " + says(rank, has, node),
                     kRemedy);
  }
}

void CheckGroup(const TraceSet& set, const SetScan& scan, size_t axis,
                const std::vector<uint32_t>& group) {
  const std::string name = axis == 0 ? std::string() : set.axes[axis - 1].name;
  const CollectiveSequence& expected = SequenceOf(scan, group.front(), axis);
  for (uint32_t rank : group) {
    if (!(SequenceOf(scan, rank, axis) == expected)) RefuseDifference(set, scan, name, group, rank);
  }
  if (expected.count != 0 && expected.root_max >= group.size()) {
    throw InputError(set.path,
                     NameOf(name, group) + ": a collective has root " +
                         std::to_string(expected.root_max) + " in a group of " +
                         std::to_string(group.size()),
                     "the root is an index within the group, from 0");
  }
  if (expected.share_count_max == 0) return;
  for (const size_t count : {expected.share_count_min, expected.share_count_max}) {
    if (count == group.size()) continue;
    throw InputError(set.path,
                     NameOf(name, group) + ": an all_to_all has shares of " +
                         std::to_string(count) + " members in a group of " +
                         std::to_string(group.size()),
                     "state one share for each member of the group");
  }
}

}  // namespace

void CheckCollectives(const TraceSet& set, const GroupIndex& index, const SetScan& scan) {
  std::vector<bool> is_used(set.axes.size() + 1);
  for (size_t i = 0; i < set.classes.size(); ++i) {
    for (const auto& [axis, sequence] : scan.classes[i].collectives) {
      is_used[axis] = true;
      if (axis == 0) continue;
      for (uint32_t rank : set.classes[i].ranks) {
        if (index.Find(axis, rank).group == nullptr) {
          index.FindOrThrow(set.axes[axis - 1].name, rank);  // says what is wrong
        }
      }
    }
  }
  if (is_used[0]) CheckGroup(set, scan, 0, *index.Find(0, 0).group);
  for (size_t axis = 1; axis < is_used.size(); ++axis) {
    if (!is_used[axis]) continue;
    for (const auto& group : set.axes[axis - 1].groups) CheckGroup(set, scan, axis, group);
  }
}

}  // namespace ddlsim
