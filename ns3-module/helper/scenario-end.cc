// SPDX-License-Identifier: GPL-2.0-only
//
// The end of a run: what came out, what the folder gets, and why a run stands still.
#include <algorithm>

#include "base/quantity.h"
#include "results/human-text.h"
#include "results/printed-summary.h"
#include "scenario-report.h"
#include "scenario.h"

namespace ddlsim {

RunSummary Scenario::Summarize() const {
  RunSummary summary;
  summary.status = m_end == ScenarioEnd::kFinished      ? RunStatus::kFinished
                   : m_end == ScenarioEnd::kInterrupted ? RunStatus::kInterrupted
                                                        : RunStatus::kStalled;
  summary.program_version = DDL_VERSION;
  summary.seed = m_network.fabric.seed;
  summary.is_collective_bench = m_workload.kind == WorkloadKind::kCollectiveBench;
  summary.topology = m_network.description;
  summary.workload = m_workload.description;
  summary.memory_peak_bytes = m_workload.memory.peak_bytes;
  summary.memory_capacity_bytes = m_workload.memory.capacity_bytes;
  summary.congestion_control = m_options.Get(m_network.is_tcp ? "tcp-variant" : "cc");
  summary.hosts = m_network.host_count;
  summary.ranks = m_workload.workload->RankCount();
  summary.iterations = ParseCount("--iterations", m_options.Get("iterations"), 1, 1000000);
  summary.warm_up_iterations = ParseCount("--warm-up", m_options.Get("warm-up"), 0, 1000000);
  const FabricCounters fabric = m_fabric->Counters();
  const NicCounters& nic = m_nic->Counters();
  summary.data_packets = nic.data_packets;
  summary.retransmitted_packets = nic.retransmitted_packets;
  if (m_tcp != nullptr) {
    const ns3::ddl::TcpCounters& tcp = m_tcp->GetTransport().Counters();
    summary.data_packets = tcp.data_segments;
    summary.retransmitted_packets = tcp.retransmitted_segments;
  }
  summary.data_packet_hops = fabric.data_packet_hops;
  summary.drops = fabric.dropped_frames;
  summary.lost_packets = fabric.lost_frames;
  summary.ecn_marked_packets = fabric.ecn_marked_frames;
  SummarizeFlowControl(*m_fabric, summary);
  uint64_t end_ps = 0;
  if (m_traffic.source != nullptr) {
    const TrafficCounters& traffic = m_traffic.source->Counters();
    if (summary.ranks > 0) summary.background = m_traffic.description;
    summary.traffic_flows = traffic.started_flows;
    summary.traffic_bytes = traffic.started_bytes;
    summary.traffic_unfinished_flows = m_traffic.source->InFlight();
    end_ps = m_traffic.source->LastEndPs();
  }
  for (const RankRecord& record : m_replay->RankRecords()) end_ps = std::max(end_ps, record.end_ps);
  summary.simulated_time_ps = m_end == ScenarioEnd::kFinished ? end_ps : m_fabric->NowPs();
  if (m_end == ScenarioEnd::kStalled) {
    const ReplayProgress progress = m_replay->Progress();
    for (const WaitingRank& rank : m_replay->Waiting()) {
      for (const WaitingNode& node : rank.nodes) {
        summary.waiting.push_back({rank.rank, node.node_id, node.name, node.reason});
      }
    }
    summary.waiting_operations = progress.nodes_total - progress.nodes_done;
  }
  return summary;
}

std::string Scenario::Finish() {
  RunOutcome outcome;
  outcome.summary = Summarize();
  outcome.ranks = m_replay->RankRecords();
  outcome.iterations = m_replay->IterationRecords();
  outcome.links = LinkRecords(*m_fabric);
  outcome.queues = QueueRecords(*m_fabric);
  const FabricCounters counters = m_fabric->Counters();
  outcome.runtime = MeasureRuntime(m_started, counters.events, counters.data_packet_hops);
  m_observation->Finish();
  m_recorder->Finish(outcome);
  return RenderSummary(outcome.summary, m_recorder->Collectives(), m_recorder->FlowCompletions(),
                       outcome.links, outcome.runtime, m_folder->Path(), m_folder->LatestPath()) +
         m_observation->Notes();
}

bool Scenario::HasPauseDeadlock() const {
  return m_fabric->Pfc() != nullptr && !m_fabric->Pfc()->Deadlock().empty();
}

std::string Scenario::DescribeStall() const {
  const ReplayProgress progress = m_replay->Progress();
  std::string text;
  if (HasPauseDeadlock()) {
    text +=
        "flow control has locked up: each of these links waits for the next, the last for the "
        "first:\n";
    for (const PausedQueue& queue : m_fabric->Pfc()->Deadlock()) {
      text += "  " + LinkName(*m_fabric, queue.port) + ", class " +
              std::to_string(queue.traffic_class) + ", paused since " + HumanTime(queue.since_ps) +
              "\n";
    }
  }
  if (progress.ranks_done < m_ranks->RankCount()) {
    text += std::to_string(m_ranks->RankCount() - progress.ranks_done) + " of " +
            std::to_string(m_ranks->RankCount()) + " ranks wait for what will not happen:\n";
  }
  for (const WaitingRank& rank : m_replay->Waiting()) {
    text += "  rank " + std::to_string(rank.rank) + ":";
    for (const std::string& operation : rank.operations) text += " " + operation + ";";
    text.back() = '\n';
  }
  if (m_traffic.source != nullptr && m_traffic.source->InFlight() > 0) {
    text += std::to_string(m_traffic.source->InFlight()) + " flows of the traffic cannot arrive:\n";
  }
  for (uint32_t index : m_nic->UnfinishedQueuePairs()) {
    const SendQueuePair& qp = m_nic->QueuePair(index);
    if (!qp.is_failed) continue;
    const auto& nodes = m_fabric->Graph().Nodes();
    text += "  queue pair " + nodes[qp.src_host].name + " -> " + nodes[qp.dst_host].name +
            " gave up after " + std::to_string(m_network.nic.retry_limit) +
            " retransmission timeouts in a row\n";
  }
  if (m_tcp == nullptr) return text;
  for (const std::string& failure : m_tcp->GetTransport().Failures()) text += "  " + failure + "\n";
  return text;
}

}  // namespace ddlsim
