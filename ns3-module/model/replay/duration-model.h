// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>

#include "traces/execution-graph.h"

namespace ddlsim {

// How long a node takes whose trace states the work and not the time. A stated duration wins.
struct DurationModel {
  // Picoseconds of a compute node with `operations` and `memory_bytes` on the GPU at hand. Empty:
  // such nodes are refused.
  std::function<uint64_t(const GraphNode&)> compute_ps;
  // Bits per second between a GPU and its memory, for memory nodes. 0: such nodes are refused.
  uint64_t memory_rate_bps = 0;
};

}  // namespace ddlsim
