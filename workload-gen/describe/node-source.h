// SPDX-License-Identifier: MIT
//
// Where the nodes come from that are described: a trace set on disk, or a workload that is
// generated on the spot and written nowhere.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "traces/trace-set.h"
#include "workload-gen/graph/node-stream.h"
#include "workload-gen/plan/workload.h"

namespace ddlsim {

struct NodeSource {
  // Rank classes, fine enough for one rank of each to stand for all (class-split.h), and groups;
  // files only where a set was opened.
  TraceSet set;
  // The nodes of a rank class, in an order in which each file has them; sizes as in nccl-tests.
  std::function<void(size_t rank_class, const NodeSink& sink)> for_each;
  // Whether names say which iteration, micro-batch and pass a node belongs to, as ours do.
  bool has_passes = false;
  // The workload that makes these traces; without one, `workload_note` says why.
  std::optional<Workload> workload;
  std::string workload_note;
};

// Opens and validates a trace set. Of an own one plans the workload again by the command that its
// manifest states. Throws InputError for what would break a replay.
NodeSource OpenNodeSource(const std::string& path, const OpenOptions& options);

NodeSource PlannedNodeSource(const WorkloadOptions& options);

}  // namespace ddlsim
