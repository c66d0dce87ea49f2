// SPDX-License-Identifier: GPL-2.0-only
//
// What the replay reports about each node of each rank's graph, and about each rank at the end.
#pragma once

#include <cstdint>
#include <string>

#include "traces/execution-graph.h"

namespace ddlsim {

struct OperationRecord {
  uint32_t rank = 0;
  uint64_t node_id = 0;
  const std::string* name = nullptr;  // valid during the call
  NodeType type = NodeType::kCompute;
  // The communicator axis of a collective or of a message's peers; "" for all ranks, and where the
  // peer is named by its rank. Valid during the call; null: "".
  const std::string* group = nullptr;
  CollectiveType collective = CollectiveType::kAllReduce;  // of collective nodes
  uint64_t size_bytes = 0;
  uint64_t issue_ps = 0;  // dependencies complete
  uint64_t start_ps = 0;  // resource free (compute stream, communicator)
  uint64_t end_ps = 0;
};

struct RankRecord {
  uint32_t rank = 0;
  uint32_t host = 0;
  uint64_t end_ps = 0;                    // its last node completed
  uint64_t compute_ps = 0;                // time with a compute or memory node running
  uint64_t communication_ps = 0;          // time with any communication running
  uint64_t exposed_communication_ps = 0;  // communication running and no compute running
  uint64_t pipeline_wait_ps = 0;          // of this: BusyTime::StageWaitPs()
  uint64_t idle_ps = 0;                   // neither, until the last rank of all has ended
  uint64_t nodes = 0;
};

// An iteration that all ranks have done, from the end of the one before on.
struct IterationRecord {
  uint64_t start_ps = 0;
  uint64_t end_ps = 0;  // the last node of any rank
  // Means over the ranks, each from its own end of the iteration before on.
  uint64_t compute_ps = 0;
  uint64_t exposed_communication_ps = 0;
  uint64_t pipeline_wait_ps = 0;  // of this

  uint64_t TimePs() const { return end_ps - start_ps; }
};

class OperationObserver {
 public:
  virtual ~OperationObserver() = default;
  virtual void OnOperation(const OperationRecord& record) = 0;
};

}  // namespace ddlsim
