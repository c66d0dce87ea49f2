// SPDX-License-Identifier: GPL-2.0-only
#include "results/summary.h"

#include "results/decimal-text.h"
#include "results/escaped-text.h"
#include "results/json-object.h"

namespace ddlsim {
namespace {

std::string WaitingJson(const std::vector<StalledOperation>& waiting) {
  if (waiting.empty()) return "[]";
  std::string json = "[";
  for (const StalledOperation& operation : waiting) {
    if (json.size() > 1) json += ",";
    json += "\n    {\"rank\": " + std::to_string(operation.rank) +
            ", \"operation\": " + JsonString(operation.operation);
    if (!operation.waiting_for.empty()) {
      json += ", \"node_id\": " + std::to_string(operation.node_id) +
              ", \"waiting_for\": " + JsonString(operation.waiting_for);
    }
    json += "}";
  }
  return json + "\n  ]";
}

std::string NamesJson(const std::vector<std::string>& names) {
  std::string json = "[";
  for (const std::string& name : names) {
    if (json.size() > 1) json += ", ";
    json += JsonString(name);
  }
  return json + "]";
}

std::string ShareJson(uint64_t part, uint64_t whole) {
  char text[kNumberTextMax];
  const std::string share(text, WriteRatio(text, part, whole, 6));
  return share.empty() ? "null" : share;
}

}  // namespace

const char* RunStatusName(RunStatus status) {
  switch (status) {
    case RunStatus::kFinished:
      return "finished";
    case RunStatus::kInterrupted:
      return "interrupted";
    case RunStatus::kStalled:
      return "stalled";
  }
  return "";
}

std::string SummaryJson(const RunSummary& summary) {
  JsonObject json;
  json.AddText("status", RunStatusName(summary.status));
  json.AddText("program_version", summary.program_version);
  json.AddUint("seed", summary.seed);
  json.AddText("topology", summary.topology);
  json.AddText("workload", summary.workload);
  json.AddUint("memory_peak_bytes", summary.memory_peak_bytes);
  json.AddUint("memory_capacity_bytes", summary.memory_capacity_bytes);
  json.AddText("background", summary.background);
  json.AddText("congestion_control", summary.congestion_control);
  json.AddUint("hosts", summary.hosts);
  json.AddUint("ranks", summary.ranks);
  json.AddUint("iterations", summary.iterations);
  json.AddUint("warm_up_iterations", summary.warm_up_iterations);
  json.AddNs("simulated_time_ns", summary.simulated_time_ps);
  json.AddNs("iteration_time_ns", summary.iteration_time_ps);
  json.AddNs("iteration_time_min_ns", summary.iteration_min_ps);
  json.AddNs("iteration_time_max_ns", summary.iteration_max_ps);
  json.AddNs("iteration_time_deviation_ns", summary.iteration_deviation_ps);
  json.AddNs("compute_time_ns", summary.compute_time_ps);
  json.AddNs("exposed_communication_ns", summary.exposed_communication_ps);
  json.AddNs("pipeline_wait_ns", summary.pipeline_wait_ps);
  json.AddNs("idle_time_ns", summary.idle_time_ps);
  json.AddRaw("exposed_communication_share",
              ShareJson(summary.exposed_communication_ps, summary.iteration_time_ps));
  json.AddUint("operations", summary.operations);
  json.AddUint("collectives", summary.collectives);
  json.AddUint("flows", summary.flows);
  json.AddUint("traffic_flows", summary.traffic_flows);
  json.AddUint("traffic_bytes", summary.traffic_bytes);
  json.AddUint("traffic_unfinished_flows", summary.traffic_unfinished_flows);
  json.AddUint("data_packets", summary.data_packets);
  json.AddUint("data_packet_hops", summary.data_packet_hops);
  json.AddUint("drops", summary.drops);
  json.AddUint("lost_packets", summary.lost_packets);
  json.AddUint("retransmitted_packets", summary.retransmitted_packets);
  json.AddUint("ecn_marked_packets", summary.ecn_marked_packets);
  json.AddUint("trimmed_packets", summary.trimmed_packets);
  json.AddUint("pause_frames", summary.pause_frames);
  json.AddNs("paused_time_ns", summary.paused_ps);
  json.AddUint("pause_storms", summary.pause_storms);
  json.AddRaw("pause_deadlock", NamesJson(summary.pause_deadlock));
  json.AddUint("waiting_operations", summary.waiting_operations);
  json.AddRaw("waiting", WaitingJson(summary.waiting));
  return json.Text();
}

void WriteSummary(ResultFolder& folder, const RunSummary& summary) {
  folder.Write("summary.json", SummaryJson(summary));
}

}  // namespace ddlsim
