// SPDX-License-Identifier: GPL-2.0-only
#include "results/run-recorder.h"

#include "results/iteration-writer.h"
#include "results/link-writer.h"
#include "results/rank-writer.h"

namespace ddlsim {

RunRecorder::RunRecorder(ResultFolder& folder, uint32_t rank_count, uint32_t timeline_ranks_max,
                         const std::vector<std::string>& traffic_names, bool has_workload_flows)
    : m_folder(folder),
      m_flows(folder, traffic_names, has_workload_flows),
      m_collectives(folder),
      m_operations(folder),
      m_timeline(folder, rank_count, timeline_ranks_max),
      m_completions(traffic_names) {}

void RunRecorder::OnFlow(const FlowRecord& record) {
  m_flows.OnFlow(record);
  m_completions.Add(record);
}

void RunRecorder::OnCollective(const CollectiveRecord& record) {
  m_collectives.OnCollective(record);
  m_timeline.OnCollective(record);
  m_table.Add(record);
}

void RunRecorder::OnOperation(const OperationRecord& record) {
  m_operations.OnOperation(record);
  m_timeline.OnOperation(record);
}

void RunRecorder::Finish(RunOutcome& outcome) {
  RunSummary& summary = outcome.summary;
  m_flows.Finish();
  summary.operations = m_operations.RowCount();
  summary.collectives = m_table.Count();
  summary.flows = m_flows.FlowCount();
  const IterationSplit split = summary.status == RunStatus::kFinished
                                   ? SplitIterations(outcome.iterations, summary.warm_up_iterations)
                                   : SplitUnfinished(outcome.ranks, summary.simulated_time_ps);
  summary.iteration_time_ps = split.iteration_ps;
  summary.iteration_min_ps = split.min_ps;
  summary.iteration_max_ps = split.max_ps;
  summary.iteration_deviation_ps = split.deviation_ps;
  summary.compute_time_ps = split.compute_ps;
  summary.exposed_communication_ps = split.exposed_communication_ps;
  summary.pipeline_wait_ps = split.pipeline_wait_ps;
  summary.idle_time_ps = split.idle_ps;

  WriteIterations(m_folder, outcome.iterations, summary.warm_up_iterations);
  WriteRanks(m_folder, outcome.ranks);
  WriteLinks(m_folder, outcome.links, summary.simulated_time_ps);
  WriteQueues(m_folder, outcome.queues);
  WriteRuntime(m_folder, outcome.runtime);
  WriteSummary(m_folder, summary);
  m_folder.Finish();
}

}  // namespace ddlsim
