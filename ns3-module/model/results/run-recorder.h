// SPDX-License-Identifier: GPL-2.0-only
//
// All result files of one run behind one object: the observers while it runs, the rest at its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/collective-table.h"
#include "results/collective-writer.h"
#include "results/flow-completion-table.h"
#include "results/flow-writer.h"
#include "results/link-record.h"
#include "results/operation-writer.h"
#include "results/result-folder.h"
#include "results/runtime-facts.h"
#include "results/summary.h"
#include "results/timeline-writer.h"

namespace ddlsim {

struct RunOutcome {
  RunSummary summary;  // its counts of operations, collectives and flows are filled in by Finish()
  std::vector<RankRecord> ranks;
  std::vector<IterationRecord> iterations;  // that all ranks have done
  std::vector<LinkRecord> links;
  std::vector<QueueRecord> queues;
  RuntimeFacts runtime;
};

class RunRecorder final : public FlowObserver, public CollectiveObserver, public OperationObserver {
 public:
  static constexpr uint32_t kTimelineRanksMax = 64;

  // Opens the files that grow during the run. `folder` outlives the recorder. `traffic_names`: of
  // the traffic beside the workload, by pattern. `has_workload_flows`: as of FlowWriter.
  RunRecorder(ResultFolder& folder, uint32_t rank_count,
              uint32_t timeline_ranks_max = kTimelineRanksMax,
              const std::vector<std::string>& traffic_names = {}, bool has_workload_flows = true);

  void OnFlow(const FlowRecord& record) override;
  void OnFlowAcknowledged(uint32_t src_host, uint32_t dst_host, uint32_t channel, uint64_t cookie,
                          uint64_t now_ps) override {
    m_flows.OnFlowAcknowledged(src_host, dst_host, channel, cookie, now_ps);
  }
  void OnCollective(const CollectiveRecord& record) override;
  void OnOperation(const OperationRecord& record) override;

  const CollectiveTable& Collectives() const { return m_table; }
  const FlowCompletionTable& FlowCompletions() const { return m_completions; }

  // Writes what is known only now and gives all files their names. For an interrupted and for a
  // stalled run too. Splits the iteration from the ranks.
  void Finish(RunOutcome& outcome);

 private:
  ResultFolder& m_folder;
  FlowWriter m_flows;
  CollectiveWriter m_collectives;
  OperationWriter m_operations;
  TimelineWriter m_timeline;
  CollectiveTable m_table;
  FlowCompletionTable m_completions;
};

}  // namespace ddlsim
