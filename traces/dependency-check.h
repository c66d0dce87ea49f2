// SPDX-License-Identifier: MIT
//
// Checks the dependencies within one file: identifiers unique, every dependency there, no cycle.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "traces/execution-graph.h"

namespace ddlsim {

// A set of identifiers, as the gapless intervals that it is made of: generators count upwards, so a
// file of any length is mostly one interval.
class IdSet {
 public:
  bool Insert(uint64_t id);  // false where it is there already
  bool Contains(uint64_t id) const;
  void Clear() { m_last_of_first.clear(); }

 private:
  std::map<uint64_t, uint64_t> m_last_of_first;
};

// Nodes are added as they are read. As long as the file is in topological order nothing more is
// needed: no cycle can be in it. Otherwise Finish() reads the file again and searches its graph.
class DependencyCheck {
 public:
  explicit DependencyCheck(std::string file) : m_file(std::move(file)) {}

  // Throws InputError (place `place`) for an identifier that was there before.
  void Add(const GraphNode& node, const std::string& place);
  // Throws InputError (place FILE). Returns whether the file is in topological order.
  bool Finish();

 private:
  std::string m_file;
  IdSet m_ids;
  bool m_is_topological = true;
};

}  // namespace ddlsim
