// SPDX-License-Identifier: MIT
//
// The pieces of work of one rank: what ran, where, for how long, and when the host came to it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "traces/import/kineto-trace.h"
#include "traces/import/torch-call-tree.h"
#include "traces/import/torch-graph.h"
#include "traces/import/torch-match.h"

namespace ddlsim {

// What was read of one rank. Keeps references.
struct TorchRecording {
  const TorchGraph& graph;
  const KinetoTrace& trace;
  const TorchMatch& match;
  const TorchCallTree& tree;

  // Null for an operator without an event.
  const KinetoEvent* EventOf(size_t op) const {
    const size_t event = match.event_of_operator[op];
    return event == TorchMatch::kNone ? nullptr : &trace.events[event];
  }
};

struct TorchWork {
  static constexpr size_t kNone = SIZE_MAX;

  uint64_t time_ns = 0;  // when the host ended it, or launched it on a GPU
  size_t op = kNone;     // of graph.operators
  const KinetoEvent* event = nullptr;
  uint64_t duration_ns = 0;
  bool is_communication = false;
  std::string lane;  // thread, or GPU and stream: one piece after the other; empty: beside all
};

// One piece per operator that is no communication, for the time that its callees leave.
std::vector<TorchWork> CollectHostWork(const TorchRecording& recording);

struct TorchGpuWork {
  std::vector<TorchWork> computations;
  std::map<size_t, TorchWork> first_of_communication;  // by its outermost operator
  uint64_t unknown_computations = 0;
  uint64_t outside = 0;  // launched before the graph's first operator or after its last one
};

// One piece per kernel, copy and memset. Throws InputError for one of no operator, unless
// `allow_unknown`, and for a kernel of NCCL of no communication.
TorchGpuWork CollectGpuWork(const TorchRecording& recording, bool allow_unknown);

}  // namespace ddlsim
