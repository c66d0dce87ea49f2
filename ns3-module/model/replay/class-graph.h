// SPDX-License-Identifier: GPL-2.0-only
//
// The execution graph of one rank class, in the form in which it is replayed: parallel arrays,
// dependants as ranges of one array, names in one pool. Immutable and shared by all ranks of the
// class, so that its memory does not grow with their number. A node is named by its position in the
// file.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "traces/execution-graph.h"

namespace ddlsim {

class ClassGraph {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Range {
    const uint32_t* first;
    const uint32_t* last;
    const uint32_t* begin() const { return first; }
    const uint32_t* end() const { return last; }
  };

  // What communication nodes have besides their size.
  struct Communication {
    CollectiveType collective = CollectiveType::kAllReduce;
    bool peer_is_relative = false;
    uint32_t axis = 0;  // of the collective's group, or of the relative peer
    uint32_t root = 0;
    int64_t peer = 0;  // rank, or offset where relative
    uint32_t tag = 0;
    bool is_copy = false;  // GraphNode::is_copy
    // Nodes of one order are posted one after another as the program states them: collectives on
    // one axis, sends to one peer under one tag, receives likewise. kNone: the node is alone.
    uint32_t order = kNone;
    uint32_t index_in_order = 0;
    uint32_t shares = kNone;  // of an all_to_all whose members have unequal ones
  };

  uint32_t NodeCount() const { return static_cast<uint32_t>(m_types.size()); }
  uint64_t Id(uint32_t node) const { return m_ids[node]; }
  NodeType Type(uint32_t node) const { return m_types[node]; }
  // Compute and memory nodes: picoseconds. Communication: bytes.
  uint64_t DurationPs(uint32_t node) const { return m_amounts[node]; }
  uint64_t SizeBytes(uint32_t node) const { return m_amounts[node]; }
  bool IsCommunication(uint32_t node) const { return m_communication_index[node] != kNone; }
  const Communication& CommunicationOf(uint32_t node) const {
    return m_communications[m_communication_index[node]];
  }
  // Null: equal shares.
  const MemberShares* SharesOf(const Communication& communication) const {
    return communication.shares == kNone ? nullptr : &m_shares[communication.shares];
  }
  std::string_view Name(uint32_t node) const {
    return {m_names.data() + m_name_offsets[node], m_name_offsets[node + 1] - m_name_offsets[node]};
  }
  uint32_t DependencyCount(uint32_t node) const { return m_dependency_counts[node]; }
  // The nodes that depend on `node`, ascending.
  Range Dependants(uint32_t node) const {
    return {m_dependants.data() + m_first_dependant[node],
            m_dependants.data() + m_first_dependant[node + 1]};
  }
  uint32_t OrderCount() const { return m_order_count; }
  // The node at `index` of `order`, for messages; searches.
  uint32_t NodeInOrder(uint32_t order, uint32_t index) const;

  uint64_t MemoryBytes() const;

 private:
  friend class GraphBuilder;

  std::vector<uint64_t> m_ids;
  std::vector<uint64_t> m_amounts;
  std::vector<NodeType> m_types;
  std::vector<uint32_t> m_communication_index;  // kNone for compute and memory
  std::vector<uint32_t> m_dependency_counts;
  std::vector<uint32_t> m_first_dependant;  // and one past the last
  std::vector<uint32_t> m_dependants;
  std::vector<uint64_t> m_name_offsets;  // and one past the last
  std::vector<char> m_names;
  std::vector<Communication> m_communications;
  std::vector<MemberShares> m_shares;  // all different
  uint32_t m_order_count = 0;
};

}  // namespace ddlsim
