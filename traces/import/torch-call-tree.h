// SPDX-License-Identifier: MIT
//
// Which operator called which, and which of them are communications.
#pragma once

#include <cstddef>
#include <vector>

#include "traces/import/torch-graph.h"

namespace ddlsim {

struct TorchCallTree {
  static constexpr size_t kNone = SIZE_MAX;

  // By index into graph.operators.
  std::vector<size_t> parent;  // kNone for a root
  std::vector<std::vector<size_t>> children;
  std::vector<size_t> communication;  // the outermost operator of its communication, or kNone
  // A backend's part of a communication that stands elsewhere: gloo:all_reduce of c10d::allreduce_.
  std::vector<bool> is_backend_part;

  // All operators below `op`, callers before callees.
  std::vector<const TorchOperator*> Below(const TorchGraph& graph, size_t op) const;
};

// Throws InputError where backends ran more or fewer communications than were called for.
TorchCallTree BuildTorchCallTree(const TorchGraph& graph);

}  // namespace ddlsim
