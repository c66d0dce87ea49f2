// SPDX-License-Identifier: GPL-2.0-only
//
// What the replay keeps per rank besides the graph of its class: one byte per node, and what is
// ready, running or held back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <utility>
#include <vector>

#include "replay/busy-time.h"
#include "replay/class-graph.h"

namespace ddlsim {

// Dependencies that a rank's nodes still wait for. A byte each; the few nodes with more than 254
// dependencies count in a map.
class DependencyCounters {
 public:
  void Reset(const ClassGraph& graph);
  // One dependency of `node` is complete. Returns whether it was the last.
  bool CountDown(uint32_t node) {
    if (m_remaining[node] != kWide) return --m_remaining[node] == 0;
    return --m_wide.find(node)->second == 0;
  }
  bool IsReady(uint32_t node) const { return m_remaining[node] == 0; }

 private:
  static constexpr uint8_t kWide = UINT8_MAX;
  std::vector<uint8_t> m_remaining;
  std::map<uint32_t, uint32_t> m_wide;
};

// Runs one node at a time, in the order of readiness; nodes ready at one time in that of the file.
struct Stream {
  struct Waiting {
    uint64_t ready_ps;
    uint32_t node;
    bool operator>(const Waiting& other) const {
      return ready_ps != other.ready_ps ? ready_ps > other.ready_ps : node > other.node;
    }
  };
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> queue;
  Waiting running{};
  uint64_t start_ps = 0;
  bool is_busy = false;
};

struct RankState {
  // Compute nodes, and loads and stores, each on a stream of their own: a copy engine moves data
  // while the GPU computes.
  enum StreamIndex : uint32_t { kComputeStream, kMemoryStream, kStreamCount };
  struct Held {
    uint32_t node;
    uint64_t ready_ps;
  };

  const ClassGraph* graph = nullptr;
  DependencyCounters dependencies;
  // Ready in the current event and not dispatched, lowest position first.
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ready;
  Stream streams[kStreamCount];
  std::vector<uint32_t> next_in_order;  // by order of the graph: the index to be posted next
  std::map<std::pair<uint32_t, uint32_t>, Held> held;  // ready before their turn, by (order, index)
  BusyTime busy;
  BusyTime busy_before;     // when the iteration began
  uint32_t nodes_done = 0;  // of this iteration
  uint32_t iterations_done = 0;
  uint64_t end_ps = 0;        // of the last node that completed
  bool is_unsettled = false;  // has something ready or a stream that may start

  // Begins an iteration: nodes without dependencies become ready.
  void BeginIteration();
};

}  // namespace ddlsim
