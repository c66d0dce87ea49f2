// SPDX-License-Identifier: MIT
#include "traces/class-scan.h"

#include <algorithm>

#include "base/input-error.h"
#include "traces/dependency-check.h"

namespace ddlsim {
namespace {

constexpr const char* kRemedy = "correct the tool that wrote the file";

// The finaliser of a 64-bit hash: every bit of the input reaches every bit of the output.
uint64_t Mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  return x;
}

Digest HashOf(uint64_t a, uint64_t b) {
  const uint64_t low = Mix(Mix(a + 0x9e3779b97f4a7c15u) + b);
  const uint64_t high = Mix(Mix(b + 0xc2b2ae3d27d4eb4fu) ^ (a * 0x165667b19e3779f9u + low));
  return {low, high};
}

class Scanner {
 public:
  Scanner(const TraceSet& set, const GroupIndex& index, const RankClass& rank_class)
      : m_set(set), m_index(index), m_class(rank_class) {
    m_group_size_max.push_back(set.rank_count);
    for (const GroupAxis& axis : set.axes) {
      size_t size_max = 0;
      for (const auto& group : axis.groups) size_max = std::max(size_max, group.size());
      m_group_size_max.push_back(size_max);
    }
  }

  ClassScan Run() {
    TraceReader reader(m_class.file);
    DependencyCheck dependencies(m_class.file);
    GraphNode node;
    m_reader = &reader;
    while (reader.Next(node)) {
      dependencies.Add(node, m_class.file);
      uint64_t size_bytes = node.size_bytes;
      if (node.type == NodeType::kCollective) {
        size_bytes = AddCollective(node);
      } else if (node.type == NodeType::kSend || node.type == NodeType::kReceive) {
        AddMessage(node);
      }
      m_scan.totals.Add(node, size_bytes);
    }
    m_scan.is_topological = dependencies.Finish();
    return std::move(m_scan);
  }

 private:
  [[noreturn]] void Refuse(const GraphNode& node, const std::string& problem,
                           const std::string& remedy = kRemedy) const {
    throw InputError(m_reader->Place(), "node " + std::to_string(node.id) + " " + problem, remedy);
  }

  size_t AxisOf(const GraphNode& node) const {
    const size_t axis = m_index.AxisOf(node.group);
    if (axis == GroupIndex::kUnknownAxis) {
      Refuse(node, "names the unknown group '" + Printable(node.group) + "'",
             m_set.has_manifest ? "generate the set again"
                                : "name the file of the groups with --groups=FILE");
    }
    return axis;
  }

  // Returns the size as in nccl-tests, for the group of the class's first rank.
  uint64_t AddCollective(const GraphNode& node) {
    const size_t axis = AxisOf(node);
    m_set.SizeBytes(node, m_group_size_max[axis]);  // refuses what no group could move
    CollectiveSequence& sequence = m_scan.collectives[axis];
    ++sequence.count;
    sequence.digest.Append(static_cast<uint64_t>(node.collective) << 32 | node.root,
                           node.size_bytes);
    sequence.root_max = std::max(sequence.root_max, node.root);
    if (!node.shares.IsEmpty()) AddShares(node.shares, sequence);
    const GroupIndex::Member member = m_index.Find(axis, m_class.ranks.front());
    return m_set.SizeBytes(node, member.group == nullptr ? 1 : member.group->size());
  }

  static void AddShares(const MemberShares& shares, CollectiveSequence& sequence) {
    const size_t count = shares.weights.size();
    sequence.share_count_min = std::min(sequence.share_count_min, count);
    sequence.share_count_max = std::max(sequence.share_count_max, count);
    sequence.digest.Append(count, shares.are_sent ? 1 : 0);
    for (size_t i = 0; i < count; ++i) sequence.digest.Append(i, shares.weights[i]);
  }

  void AddMessage(const GraphNode& node) {
    PeerKey key = {node.type == NodeType::kSend, node.peer_is_relative, 0, node.peer_rank};
    if (node.peer_is_relative) {
      key.axis = AxisOf(node);
      key.peer = node.peer_offset;
    } else if (node.peer_rank >= m_set.rank_count) {
      Refuse(node, "has rank " + std::to_string(node.peer_rank) + " as its peer, in a set of " +
                       std::to_string(m_set.rank_count) + " ranks");
    }
    m_scan.messages[key].Add(node.tag, node.size_bytes);
  }

  const TraceSet& m_set;
  const GroupIndex& m_index;
  const RankClass& m_class;
  std::vector<size_t> m_group_size_max;  // by axis
  ClassScan m_scan;
  const TraceReader* m_reader = nullptr;
};

}  // namespace

void Digest::Append(uint64_t a, uint64_t b) {
  const Digest hash = HashOf(a, b);
  *this = HashOf(low ^ hash.low, high + hash.high);
}

void Digest::Add(uint64_t a, uint64_t b) {
  Add(HashOf(a, b));
}

void Digest::Add(const Digest& other) {
  low += other.low;
  high += other.high;
}

void Digest::Subtract(const Digest& other) {
  low -= other.low;
  high -= other.high;
}

ClassScan ScanClass(const TraceSet& set, const GroupIndex& index, const RankClass& rank_class) {
  return Scanner(set, index, rank_class).Run();
}

}  // namespace ddlsim
