// SPDX-License-Identifier: MIT
//
// Random nodes and trace sets for property tests. A test prints its seed; DDL_TEST_SEED replays it.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "traces/execution-graph.h"
#include "traces/trace-writer.h"

namespace ddlsim {

// From DDL_TEST_SEED, or `otherwise`. Prints it.
uint64_t TestSeed(uint64_t otherwise);

class RandomGraph {
 public:
  explicit RandomGraph(uint64_t seed) : m_engine(seed) {}

  uint64_t Below(uint64_t limit) { return m_engine() % limit; }
  uint64_t Magnitude(uint64_t high);  // up to `high`, with all numbers of digits alike
  bool Coin() { return (m_engine() & 1) != 0; }
  std::string Text();  // UTF-8, sometimes empty, with every length of code point

  // Of so many members, the first of which gets something.
  MemberShares Shares(uint64_t count);

  // A node of any type with every field that counts for it set to anything that is allowed; it
  // depends on some of `ids`.
  GraphNode Node(uint64_t id, const std::vector<uint64_t>& ids);

  // A whole valid set: ranks, axes and classes; relative sends match receives, members agree.
  struct Set {
    TraceSetWriter::Options options;  // without the folder
    std::vector<std::vector<uint32_t>> class_ranks;
    std::vector<std::vector<GraphNode>> class_nodes;
  };
  Set TraceSetOf(uint32_t rank_count);
  static void Write(const Set& set, const std::string& folder);

 private:
  void FillWork(GraphNode& node);

  std::mt19937_64 m_engine;
};

}  // namespace ddlsim
