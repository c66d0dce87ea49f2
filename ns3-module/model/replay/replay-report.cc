// SPDX-License-Identifier: GPL-2.0-only
//
// What the replay says: operations that ended, totals per rank, progress, what a stuck run waits
// for.
#include <algorithm>

#include "base/input-error.h"
#include "replay/replay.h"

namespace ddlsim {
namespace {

uint64_t DivideUp(uint64_t value, uint64_t divisor) {
  return (value + divisor - 1) / divisor;
}

}  // namespace

// Records of one time wait for those of other ranks, so that their order does not depend on that of
// simultaneous events at different hosts.
void Replay::Record(const Ended& ended) {
  if (m_observer == nullptr) return;
  const uint64_t now_ps = m_endpoint.NowPs();
  if (m_ended_ps < now_ps) ReportEnded();
  m_ended_ps = now_ps;
  m_ended.push_back(ended);
}

void Replay::ReportEnded() {
  std::stable_sort(m_ended.begin(), m_ended.end(),
                   [](const Ended& a, const Ended& b) { return a.rank < b.rank; });
  for (const Ended& ended : m_ended) {
    const ClassGraph& graph = *m_ranks[ended.rank].graph;
    m_name.assign(graph.Name(ended.node));
    OperationRecord record;
    record.rank = ended.rank;
    record.node_id = graph.Id(ended.node);
    record.name = &m_name;
    record.type = graph.Type(ended.node);
    if (graph.IsCommunication(ended.node)) {
      const ClassGraph::Communication& communication = graph.CommunicationOf(ended.node);
      record.collective = communication.collective;
      record.size_bytes = graph.SizeBytes(ended.node);
      if (record.type == NodeType::kCollective || communication.peer_is_relative) {
        record.group = &m_workload.Communicators().AxisName(communication.axis);
      }
    }
    record.issue_ps = ended.ready_ps;
    record.start_ps = ended.start_ps;
    record.end_ps = m_ended_ps;
    m_observer->OnOperation(record);
  }
  m_ended.clear();
}

void Replay::Finish() {
  ReportEnded();
  m_endpoint.Finish();
}

ReplayProgress Replay::Progress() const {
  return {m_nodes_done, m_nodes_total, m_ranks_done};
}

uint64_t Replay::IterationTimePs(uint32_t iteration) const {
  const uint64_t begin_ps = iteration == 0 ? m_start_ps : m_iteration_sums[iteration - 1].end_ps;
  const uint64_t end_ps = m_iteration_sums[iteration].end_ps;
  return end_ps > begin_ps ? end_ps - begin_ps : 0;
}

std::vector<RankRecord> Replay::RankRecords() const {
  uint64_t last_ps = IsDone() ? m_start_ps : m_endpoint.NowPs();
  for (const RankState& state : m_ranks) last_ps = std::max(last_ps, state.end_ps);
  std::vector<RankRecord> records;
  for (uint32_t rank = 0; rank < m_ranks.size(); ++rank) {
    const RankState& state = m_ranks[rank];
    BusyTime busy = state.busy;
    busy.Advance(last_ps);
    RankRecord record;
    record.rank = rank;
    record.host = m_endpoint.Ranks().HostOf(rank);
    record.end_ps = state.end_ps;
    record.compute_ps = busy.ComputePs();
    record.communication_ps = busy.CommunicationPs();
    record.exposed_communication_ps = busy.ExposedPs();
    record.pipeline_wait_ps = busy.StageWaitPs();
    record.idle_ps = last_ps - m_start_ps - busy.ComputePs() - busy.ExposedPs();
    record.nodes = uint64_t{state.iterations_done} * state.graph->NodeCount();
    if (state.iterations_done < m_iterations) record.nodes += state.nodes_done;
    records.push_back(record);
  }
  return records;
}

std::vector<IterationRecord> Replay::IterationRecords() const {
  std::vector<IterationRecord> records;
  uint64_t begin_ps = m_start_ps;
  for (const IterationSums& sums : m_iteration_sums) {
    if (m_ranks.empty() || sums.ranks < m_ranks.size()) break;
    IterationRecord record;
    record.start_ps = begin_ps;
    record.end_ps = std::max(begin_ps, sums.end_ps);
    record.compute_ps = static_cast<uint64_t>(sums.compute_ps / m_ranks.size());
    record.exposed_communication_ps = static_cast<uint64_t>(sums.exposed_ps / m_ranks.size());
    record.pipeline_wait_ps = static_cast<uint64_t>(sums.stage_wait_ps / m_ranks.size());
    records.push_back(record);
    begin_ps = record.end_ps;
  }
  return records;
}

ReplaySummary Replay::Summary() const {
  ReplaySummary summary;
  uint64_t end_ps = m_start_ps;
  for (const RankRecord& record : RankRecords()) {
    end_ps = std::max(end_ps, record.end_ps);
    if (record.rank > 0 && record.compute_ps <= summary.compute_time_ps) continue;
    summary.compute_time_ps = record.compute_ps;
    summary.exposed_communication_ps = record.exposed_communication_ps;
  }
  summary.iteration_time_ps = DivideUp(end_ps - m_start_ps, m_iterations);
  summary.compute_time_ps = DivideUp(summary.compute_time_ps, m_iterations);
  summary.exposed_communication_ps = DivideUp(summary.exposed_communication_ps, m_iterations);
  return summary;
}

std::vector<WaitingRank> Replay::Waiting(size_t ranks_max, size_t operations_max) const {
  std::vector<WaitingRank> waiting;
  for (uint32_t rank = 0; rank < m_ranks.size() && waiting.size() < ranks_max; ++rank) {
    const RankState& state = m_ranks[rank];
    if (state.iterations_done == m_iterations) continue;
    WaitingRank entry;
    entry.rank = rank;
    entry.nodes_total = uint64_t{state.graph->NodeCount()} * m_iterations;
    entry.nodes_done =
        uint64_t{state.graph->NodeCount()} * state.iterations_done + state.nodes_done;
    DescribeWaiting(entry, operations_max);
    waiting.push_back(std::move(entry));
  }
  return waiting;
}

void Replay::DescribeWaiting(WaitingRank& waiting, size_t operations_max) const {
  const RankState& state = m_ranks[waiting.rank];
  const auto name_of = [&state](uint32_t node) {
    return Printable(std::string(state.graph->Name(node)));
  };
  const auto add = [&](uint32_t node, const std::string& reason) {
    if (waiting.nodes.size() == operations_max) return;
    waiting.nodes.push_back({state.graph->Id(node), name_of(node), reason});
    waiting.operations.push_back("'" + name_of(node) + "': " + reason);
  };
  for (const Stream& stream : state.streams) {
    if (stream.is_busy) add(stream.running.node, "is running");
  }
  for (const WaitingOperation& operation : m_endpoint.Waiting(waiting.rank, operations_max)) {
    add(m_posted[operation.token].node, operation.reason);
  }
  for (const auto& [order_and_index, held] : state.held) {
    if (waiting.nodes.size() == operations_max) return;
    const uint32_t order = order_and_index.first;
    const uint32_t before = state.graph->NodeInOrder(order, state.next_in_order[order]);
    add(held.node, "is ready and keeps its place behind '" + name_of(before) + "', which is not");
  }
}

}  // namespace ddlsim
