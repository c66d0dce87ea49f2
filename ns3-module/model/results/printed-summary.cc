// SPDX-License-Identifier: GPL-2.0-only
#include "results/printed-summary.h"

#include <algorithm>
#include <cstdio>

#include "base/input-error.h"
#include "results/bench-table.h"
#include "results/collective-figures.h"
#include "results/human-text.h"
#include "results/text-table.h"

namespace ddlsim {
namespace {

constexpr size_t kCollectiveRowsMax = 12;
constexpr size_t kLinkRowsMax = 5;
constexpr size_t kWaitingRowsMax = 10;
constexpr size_t kIndent = 2;

std::string Count(uint64_t count, const char* one, const char* many) {
  return HumanCount(count) + " " + (count == 1 ? one : many);
}

std::string Unfinished(const RunSummary& summary) {
  std::string text;
  if (summary.waiting_operations > 0 || summary.traffic_unfinished_flows == 0) {
    text = Count(summary.waiting_operations, "operation waits", "operations wait");
  }
  if (summary.traffic_unfinished_flows > 0) {
    if (!text.empty()) text += ", and ";
    text += Count(summary.traffic_unfinished_flows, "flow of the traffic has not arrived",
                  "flows of the traffic have not arrived");
  }
  return text;
}

std::string Outcome(const RunSummary& summary) {
  const std::string time = HumanTime(summary.simulated_time_ps);
  switch (summary.status) {
    case RunStatus::kFinished:
      return "Finished: " + time + " of simulated time.\n";
    case RunStatus::kInterrupted:
      return "Interrupted after " + time +
             " of simulated time: the figures below cover that much, not the whole run.\n";
    case RunStatus::kStalled:
      if (!summary.pause_deadlock.empty()) {
        return "Locked up after " + time + " of simulated time: flow control holds back " +
               std::to_string(summary.pause_deadlock.size()) +
               " links in a circle, each waiting for the next, and " + Unfinished(summary) + ".\n";
      }
      return "Stalled after " + time + " of simulated time: nothing is left to happen, but " +
             Unfinished(summary) + ".\n";
  }
  return "";
}

std::string Waiting(const RunSummary& summary) {
  if (summary.waiting.empty()) return "";
  std::string text = "\nWaiting operations\n";
  const size_t shown = std::min(summary.waiting.size(), kWaitingRowsMax);
  for (size_t i = 0; i < shown; ++i) {
    const StalledOperation& operation = summary.waiting[i];
    text += "  rank " + std::to_string(operation.rank) + ": " + Printable(operation.operation, 200);
    if (!operation.waiting_for.empty()) {
      text += " (node " + std::to_string(operation.node_id) + ") waits for " +
              Printable(operation.waiting_for, 200);
    }
    text += "\n";
  }
  const uint64_t total = std::max<uint64_t>(summary.waiting_operations, summary.waiting.size());
  if (total > shown) {
    text += "  ... and " + HumanCount(total - shown) + " more\n";
  }
  return text;
}

std::string Gigabytes(uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

std::string Memory(const RunSummary& summary) {
  const bool fits = summary.memory_peak_bytes <= summary.memory_capacity_bytes;
  return "Memory     peak " + Gigabytes(summary.memory_peak_bytes) + " per GPU, which " +
         (fits ? "fits into " : "exceeds ") + "its " + Gigabytes(summary.memory_capacity_bytes) +
         (fits ? "\n" : ": this could not run as is (docs/memory.md)\n");
}

std::string Setting(const RunSummary& summary) {
  std::string text = "\nCluster    " + Printable(summary.topology, 200);
  text += "\n           " + Count(summary.hosts, "host", "hosts");
  if (summary.ranks > 0) text += ", " + Count(summary.ranks, "rank (GPU)", "ranks (GPUs)");
  if (!summary.congestion_control.empty()) {
    text += ", congestion control " + Printable(summary.congestion_control);
  }
  text += "\nWorkload   " + Printable(summary.workload, 200);
  text += "\n           ";
  if (summary.ranks > 0) {
    text += Count(summary.iterations, "iteration", "iterations");
    if (summary.warm_up_iterations > 0) {
      text += " (the first " + HumanCount(summary.warm_up_iterations) + " to warm up)";
    }
    text += ", ";
  }
  text += "seed " + std::to_string(summary.seed) + "\n";
  if (summary.memory_peak_bytes > 0) text += Memory(summary);
  if (!summary.background.empty()) {
    text += "Background " + Printable(summary.background, 200) + "\n";
  }
  return text;
}

std::string Iteration(const RunSummary& summary) {
  const uint64_t whole_ps = summary.iteration_time_ps;
  const bool is_finished = summary.status == RunStatus::kFinished;
  std::string text = is_finished ? "\nIteration  " : "\nSo far     ";
  text += HumanTime(whole_ps);
  if (is_finished && summary.iterations > summary.warm_up_iterations + 1) {
    text += " (mean of " + HumanCount(summary.iterations - summary.warm_up_iterations) +
            "; least " + HumanTime(summary.iteration_min_ps) + ", most " +
            HumanTime(summary.iteration_max_ps) + ", standard deviation " +
            HumanTime(summary.iteration_deviation_ps) + ")";
  }
  text += ", of which (mean over the ranks)\n";
  TextTable table({"", "", ""}, 1);
  const auto add = [&](const char* what, uint64_t time_ps) {
    table.AddRow({what, HumanTime(time_ps), HumanShare(time_ps, whole_ps)});
  };
  add("compute", summary.compute_time_ps);
  add("exposed communication (no compute beside it)", summary.exposed_communication_ps);
  if (summary.pipeline_wait_ps > 0) {
    add("  of which waiting for other pipeline stages", summary.pipeline_wait_ps);
  }
  add("idle (nothing runs)", summary.idle_time_ps);
  const std::string rows = table.Text(kIndent);
  return text + rows.substr(rows.find('\n') + 1);  // the header is empty
}

std::string Collectives(const CollectiveTable& collectives) {
  if (collectives.Count() == 0) return "\nCollectives: none completed.\n";
  const std::vector<CollectiveGroup> groups = collectives.Groups();
  TextTable table({"collective", "algorithm", "ranks", "size", "count", "time", "waiting", "algbw",
                   "busbw", "bound", "of bound"},
                  2);
  const size_t shown = std::min(groups.size(), kCollectiveRowsMax);
  std::vector<uint64_t> sizes_bytes;
  for (size_t i = 0; i < shown; ++i) sizes_bytes.push_back(groups[i].spec.size_bytes);
  const std::vector<std::string> sizes = DistinctSizes(sizes_bytes);
  for (size_t i = 0; i < shown; ++i) {
    const CollectiveGroup& group = groups[i];
    const CollectiveSpec& spec = group.spec;
    const uint64_t time_ps = group.MeanTimePs();
    const bool has_bandwidth = HasBandwidth(spec, time_ps);
    const double algbw = AlgorithmBandwidth(spec.size_bytes, time_ps);
    table.AddRow({OperationName(spec), AlgorithmName(spec.algorithm),
                  std::to_string(spec.rank_count), sizes[i], HumanCount(group.count),
                  HumanTime(time_ps), HumanTime(group.MeanWaitPs()),
                  has_bandwidth ? SignificantText(algbw, 3) : "-",
                  has_bandwidth ? SignificantText(BusBandwidth(spec, time_ps), 3) : "-",
                  HumanTime(group.MeanBoundPs()), HumanShare(group.bound_ps, group.time_ps)});
  }
  std::string text = "\nCollectives, by total time (" + HumanCount(collectives.Count()) + ")\n";
  text += table.Text(kIndent);
  if (groups.size() > shown) {
    text += "  ... and " + HumanCount(groups.size() - shown) + " more kinds in collectives.csv\n";
  }
  return text +
         "  time: mean from the first rank's begin to the last rank's end; waiting: of this, until "
         "the last\n  rank had begun; algbw, busbw: GB/s (1e9 bytes) as nccl-tests defines them; "
         "bound: what the\n  hosts' own links allow, whatever network is behind them; of bound: "
         "100 % is ideal, waiting\n  for late ranks lowers it\n";
}

void AddFlowRow(TextTable& table, const std::string& traffic, const char* sizes,
                const SlowdownHistogram& slowdowns) {
  std::vector<std::string> row{traffic, sizes, HumanCount(slowdowns.Count())};
  for (const uint32_t percent : {50u, 95u, 99u}) {
    row.push_back(SignificantText(slowdowns.Percentile(percent), 3));
  }
  row.push_back(SignificantText(slowdowns.Max(), 3));
  table.AddRow(std::move(row));
}

std::string Flows(const FlowCompletionTable& flows) {
  TextTable table({"traffic", "flow size", "flows", "p50", "p95", "p99", "largest"}, 2);
  for (size_t traffic = 0; traffic < flows.TrafficCount(); ++traffic) {
    const std::string name = Printable(flows.TrafficName(traffic), 30);
    const SlowdownHistogram all = flows.AllSizes(traffic);
    size_t classes = 0;
    for (size_t i = 0; i < FlowCompletionTable::kSizeClassCount; ++i) {
      if (flows.Of(traffic, i).Count() == 0) continue;
      ++classes;
      AddFlowRow(table, name, FlowCompletionTable::SizeClassName(i), flows.Of(traffic, i));
    }
    if (classes > 1) AddFlowRow(table, name, "all", all);
  }
  if (table.IsEmpty()) return flows.TrafficCount() == 0 ? "" : "\nFlows: none completed.\n";
  return "\nFlow completion, as slowdown (time / time of the same flow alone on the network)\n" +
         table.Text(kIndent);
}

std::string Links(const std::vector<LinkRecord>& links, uint64_t simulated_ps) {
  std::vector<const LinkRecord*> busiest;
  for (const LinkRecord& link : links) {
    if (link.busy_ps > 0) busiest.push_back(&link);
  }
  if (busiest.empty()) return "";
  std::stable_sort(busiest.begin(), busiest.end(), [](const LinkRecord* a, const LinkRecord* b) {
    return a->busy_ps > b->busy_ps;
  });
  const size_t shown = std::min(busiest.size(), kLinkRowsMax);
  TextTable table({"link", "rate", "carried", "utilisation"}, 1);
  for (size_t i = 0; i < shown; ++i) {
    const LinkRecord& link = *busiest[i];
    table.AddRow({Printable(link.source) + " -> " + Printable(link.destination),
                  HumanLinkRate(link.rate_bps), HumanSize(link.bytes),
                  HumanShare(link.busy_ps, simulated_ps)});
  }
  return "\nBusiest links (of " + HumanCount(links.size()) + ", each direction counted)\n" +
         table.Text(kIndent);
}

// Only where a switch did anything of it.
std::string FlowControlLine(const RunSummary& summary) {
  std::string text;
  if (summary.trimmed_packets > 0) text += HumanCount(summary.trimmed_packets) + " trimmed";
  if (summary.pause_frames > 0) {
    if (!text.empty()) text += ", ";
    text += HumanCount(summary.pause_frames) + " pause frames, links held back for " +
            HumanTime(summary.paused_ps) + " in all";
  }
  if (summary.pause_storms > 0) text += ", " + HumanCount(summary.pause_storms) + " pause storms";
  return text.empty() ? "" : "           " + text + "\n";
}

std::string Packets(const RunSummary& summary) {
  return "\nPackets    " + HumanCount(summary.data_packets) + " data packets, " +
         HumanCount(summary.data_packet_hops) + " packet-hops (packets x links)\n           " +
         HumanCount(summary.drops) + " dropped (buffer full), " + HumanCount(summary.lost_packets) +
         " lost (link errors), " + HumanCount(summary.retransmitted_packets) + " retransmitted, " +
         HumanCount(summary.ecn_marked_packets) + " ECN-marked\n" + FlowControlLine(summary);
}

std::string Cost(const RuntimeFacts& runtime) {
  return "Simulator  " + SignificantText(runtime.cpu_s, 3) + " s of CPU time, " +
         SignificantText(runtime.wall_s, 3) + " s on the clock, " +
         HumanSize(runtime.max_rss_bytes) + " of memory\n           " +
         HumanRate(EventsPerCpuSecond(runtime)) + " events/s, " +
         HumanRate(DataPacketHopsPerCpuSecond(runtime)) + " packet-hops/s (per CPU second)\n";
}

std::string Files(const std::string& folder, const std::string& latest) {
  std::string text = "Files      " + folder;
  if (!latest.empty()) text += "  (also " + latest + ")";
  text += "\n           docs/outputs.md explains each; timeline.json opens in ui.perfetto.dev\n";
  return text + "           ./ns3 plot " + folder + "  draws the figures\n";
}

}  // namespace

std::string RenderSummary(const RunSummary& summary, const CollectiveTable& collectives,
                          const FlowCompletionTable& flows, const std::vector<LinkRecord>& links,
                          const RuntimeFacts& runtime, const std::string& folder,
                          const std::string& latest) {
  std::string text = Outcome(summary) + Waiting(summary) + Setting(summary);
  if (summary.is_collective_bench) {
    text += "\n" + BenchTable(collectives.Groups());
  } else if (summary.ranks > 0) {
    text += Iteration(summary) + Collectives(collectives);
  }
  return text + Flows(flows) + Links(links, summary.simulated_time_ps) + Packets(summary) +
         Cost(runtime) + Files(folder, latest);
}

}  // namespace ddlsim
