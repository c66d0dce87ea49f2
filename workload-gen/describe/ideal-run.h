// SPDX-License-Identifier: MIT
//
// A graph run on a network that costs nothing: when each node begins and ends, and the longest
// path, which is what no network can shorten.
#pragma once

#include <cstdint>
#include <vector>

#include "workload-gen/describe/class-graph.h"

namespace ddlsim {

struct IdealRun {
  std::vector<uint64_t> begin_ns, end_ns;  // by node
  uint64_t total_ns = 0;
  std::vector<uint32_t> critical_path;  // nodes, first to last; one that takes the most time
};

// A message arrives when it is sent, a collective ends when its last member has come. Throws
// InputError where nodes wait for each other for ever.
IdealRun RunIdeally(const ClassGraph& graph);

}  // namespace ddlsim
