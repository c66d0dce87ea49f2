// SPDX-License-Identifier: GPL-2.0-only
//
// What all ranks of a run execute: one graph per rank class, and the communicator groups.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "endpoint/communicator-table.h"
#include "replay/class-graph.h"
#include "replay/duration-model.h"
#include "traces/trace-set.h"

namespace ddlsim {

class Workload {
 public:
  static constexpr uint32_t kNoClass = UINT32_MAX;

  // Throws InputError as CommunicatorTable does.
  Workload(uint32_t rank_count, std::vector<CommunicatorAxis> axes);

  // Throws InputError (place: `place`, for example the trace file) for a rank outside the run, one
  // that has a class already, or one that is in no group of an axis that the graph uses.
  void AddClass(const std::string& place, std::unique_ptr<const ClassGraph> graph,
                const std::vector<uint32_t>& ranks);
  // Every rank runs the same chain of nodes, and none begins a node before all ranks have completed
  // the one before it, as a benchmark that times each of its calls alone.
  void SetLockstep() { m_is_in_lockstep = true; }
  bool IsInLockstep() const { return m_is_in_lockstep; }
  // Throws InputError where a rank has no class.
  void CheckComplete(const std::string& place) const;

  uint32_t RankCount() const { return m_communicators->RankCount(); }
  const CommunicatorTable& Communicators() const { return *m_communicators; }
  uint32_t ClassCount() const { return static_cast<uint32_t>(m_graphs.size()); }
  const ClassGraph& ClassAt(uint32_t index) const { return *m_graphs[index]; }
  uint32_t ClassOf(uint32_t rank) const { return m_class_of_rank[rank]; }
  const ClassGraph& GraphOf(uint32_t rank) const { return *m_graphs[m_class_of_rank[rank]]; }
  // Of all ranks together.
  uint64_t NodeCount() const;
  // Of the graphs; does not depend on the number of ranks per class.
  uint64_t GraphMemoryBytes() const;

 private:
  std::unique_ptr<const CommunicatorTable> m_communicators;  // where others may refer to it
  std::vector<std::unique_ptr<const ClassGraph>> m_graphs;
  std::vector<uint32_t> m_class_of_rank;
  bool m_is_in_lockstep = false;
};

// Reads all files of a set that ValidateTraceSet() has accepted. Of a set that it has not, unknown
// dependencies, cycles, groups and peers outside the set are refused here too; unmatched messages
// and disagreeing collectives come to light in the run.
Workload LoadWorkload(const TraceSet& set, const DurationModel& durations);

}  // namespace ddlsim
