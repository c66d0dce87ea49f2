// SPDX-License-Identifier: MIT
//
// One pass over the file of a rank class: checks each node alone and sums up what has to agree with
// other ranks, as digests, so that neither nodes nor ranks are kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "traces/class-totals.h"
#include "traces/group-index.h"
#include "traces/trace-set.h"

namespace ddlsim {

// 128 bits; two different contents agree by chance once in 2^128 cases.
struct Digest {
  uint64_t low = 0;
  uint64_t high = 0;

  // For content whose order counts.
  void Append(uint64_t a, uint64_t b);
  // For content whose order does not count; Subtract takes out what Add put in.
  void Add(uint64_t a, uint64_t b);
  void Add(const Digest& other);
  void Subtract(const Digest& other);
  bool operator==(const Digest& other) const { return low == other.low && high == other.high; }
};

// The collectives that a rank of the class issues on one axis, in the order of the file.
struct CollectiveSequence {
  uint64_t count = 0;
  Digest digest;          // of type, size, root and shares of each
  uint32_t root_max = 0;  // of rooted ones
  // How many members the shares of those with shares are for: all of them for as many, if right.
  size_t share_count_min = SIZE_MAX;
  size_t share_count_max = 0;
  bool operator==(const CollectiveSequence& other) const {
    return count == other.count && digest == other.digest;
  }
};

// To whom sends or from whom receives of a class go: an offset on an axis, or an absolute rank.
struct PeerKey {
  bool is_send;
  bool is_relative;
  size_t axis;   // as GroupIndex counts them, where relative
  int64_t peer;  // offset or rank
  bool operator<(const PeerKey& other) const {
    return std::tie(is_send, is_relative, axis, peer) <
           std::tie(other.is_send, other.is_relative, other.axis, other.peer);
  }
};

struct ClassScan {
  ClassTotals totals;
  bool is_topological = true;
  std::map<size_t, CollectiveSequence> collectives;  // by axis
  std::map<PeerKey, Digest> messages;                // tags and sizes, in any order
};

// Throws InputError for what is wrong with the file by itself: see ValidateTraceSet.
ClassScan ScanClass(const TraceSet& set, const GroupIndex& index, const RankClass& rank_class);

struct SetScan {
  std::vector<ClassScan> classes;
  std::vector<uint32_t> class_of_rank;
};

}  // namespace ddlsim
