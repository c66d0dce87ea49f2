// SPDX-License-Identifier: MIT
//
// The execution graph of one rank from its PyTorch files: what it computes, for how long, what it
// sends, and what waits for what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/execution-graph.h"
#include "traces/import/kineto-trace.h"
#include "traces/import/torch-communication.h"
#include "traces/import/torch-graph.h"
#include "traces/import/torch-match.h"

namespace ddlsim {

// A node, and for communications what is still to be resolved once all ranks are known: `node` has
// no group, size of gathers, root or peer then.
struct TorchNode {
  GraphNode node;
  bool is_communication = false;
  TorchCommunication communication;
};

struct TorchRankGraph {
  std::vector<TorchNode> nodes;       // in topological order; id = index
  bool has_gpu_work = false;          // then computations are GPU work, else operators of the host
  uint64_t gpu_work_outside = 0;      // launched before or after the graph, left out
  uint64_t unknown_computations = 0;  // work of no known operator, with allow_unknown
};

// With GPU work: one computation per kernel, copy and memset; each stream in its order; kernels of
// operators that share memory in the order in which they were launched. Without: one per operator,
// for the time that it spends outside the operators that it calls; each thread in its order. A
// communication stands for all that its operator does, whose recorded time is left out.
// Throws InputError for GPU work of no operator, unless `allow_unknown`.
TorchRankGraph BuildTorchRankGraph(const TorchGraph& graph, const KinetoTrace& trace,
                                   const TorchMatch& match, bool allow_unknown);

}  // namespace ddlsim
