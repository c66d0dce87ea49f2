// SPDX-License-Identifier: MIT
#include "workload-gen/describe/summary.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>

#include "base/input-error.h"
#include "traces/rank-list.h"
#include "workload-gen/memory/memory-text.h"
#include "workload-gen/numbers/number-text.h"
#include "workload-gen/parallel/embedding-sharding.h"

namespace ddlsim {
namespace {

constexpr size_t kRankListSizeMax = 40;

std::string Row(const char* label, const std::string& text) {
  return absl::StrFormat("%-15s%s\n", label, text);
}

std::string Parameters(const LayerModel& model) {
  const uint64_t all = model.ParameterCount(), active = model.ActiveParameterCount();
  const std::string per_token = all == active ? "" : ", " + GroupedText(active) + " per token";
  const std::string trained =
      model.frozen.empty() ? "" : ", " + GroupedText(model.TrainedParameterCount()) + " trained";
  return GroupedText(all) + " parameters" + per_token + trained;
}

// ", 3 to 4 per rank"; empty where every rank has rows of all.
std::string TablesPerRank(const TablePlacement& placement) {
  if (placement.tables.empty()) return "";
  size_t least = SIZE_MAX, most = 0;
  for (const std::vector<size_t>& own : placement.tables) {
    least = std::min(least, own.size());
    most = std::max(most, own.size());
  }
  return least == most ? absl::StrCat(", ", most, " per rank")
                       : absl::StrCat(", ", least, " to ", most, " per rank");
}

// "1,024 ranks: tp 8, dp 16, pp 8": the degrees above one.
std::string Ranks(const Workload& workload) {
  const Parallelism& plan = workload.options.parallelism;
  std::vector<std::string> degrees;
  const auto add = [&degrees](const char* name, uint32_t degree) {
    if (degree > 1) degrees.push_back(absl::StrCat(name, " ", degree));
  };
  add("tp", plan.tensor);
  add("cp", plan.context);
  add("dp", plan.data);
  add("pp", plan.pipeline);
  std::string text = GroupedText(plan.RankCount()) + (plan.RankCount() == 1 ? " rank" : " ranks");
  if (!degrees.empty()) absl::StrAppend(&text, ": ", absl::StrJoin(degrees, ", "));
  if (plan.overlap.method != TensorOverlap::Method::kNone) {
    absl::StrAppend(&text, "; tp exchanges beside products: ", TensorOverlapText(plan.overlap));
  }
  if (plan.servers > 0) absl::StrAppend(&text, ", parameter servers ", plan.servers);
  if (plan.expert > 1) {
    absl::StrAppend(&text, "; experts over ", plan.expert, ", each on ", plan.ExpertTensor());
  }
  if (const auto& loads = workload.batch.sharding.expert_loads) {
    absl::StrAppendFormat(&text, ", the fullest gets %.2f times the mean", loads->LargestRatio());
  }
  if (const auto& tables = workload.batch.sharding.tables) {
    absl::StrAppend(&text, "; embedding tables ", EmbeddingShardingName(tables->sharding),
                    TablesPerRank(*tables));
  }
  return text;
}

std::string Batch(const Workload& workload) {
  const WorkloadOptions& options = workload.options;
  std::string text = absl::StrCat(options.batch, " samples per replica");
  if (options.micro_batches > 1) {
    absl::StrAppend(&text, " in ", options.micro_batches, " micro-batches");
  }
  if (workload.architecture.HasSequences()) {
    absl::StrAppend(&text, " of ", options.sequence_length, " tokens");
  }
  if (options.parallelism.pipeline > 1) {
    absl::StrAppend(&text, ", schedule ", PipelineScheduleName(options.schedule));
  }
  return text;
}

std::string GpuText(const Workload& workload) {
  const Gpu& gpu = workload.plan.gpu;
  const Precision precision = workload.options.precision;
  return absl::StrCat(gpu.name, ", ", PrecisionName(precision), " at ",
                      ScaledText(static_cast<double>(gpu.Peak(precision))),
                      "FLOP/s, efficiency of matrix products ", gpu.MatmulEfficiency(precision),
                      ", of memory ", gpu.memory_efficiency);
}

// Share of the peak that the operations of matrix products need of the computing time.
double Utilisation(const Workload& workload, const IterationTotals& totals) {
  const double peak = static_cast<double>(workload.plan.gpu.Peak(workload.options.precision));
  return static_cast<double>(totals.matrix_operations) /
         (static_cast<double>(totals.compute_ns) * 1e-9 * peak);
}

std::string Exchanged(const IterationTotals& totals) {
  std::vector<std::string> parts;
  for (const auto& [axis, bytes] : totals.collective_bytes) {
    parts.push_back(absl::StrCat(axis, " ", BinaryText(bytes)));
  }
  std::string text = "nothing";
  if (!parts.empty()) {
    text = absl::StrCat(totals.collectives, " collectives (", absl::StrJoin(parts, ", "), ")");
  }
  if (totals.sends > 0) {
    absl::StrAppend(&text, ", ", totals.sends, " messages of ", BinaryText(totals.send_bytes));
  }
  return text;
}

std::string Notes(const Workload& workload) {
  std::string text;
  if (!workload.architecture.left_out.empty()) {
    text += Row("note", "not modelled: " + workload.architecture.left_out);
  }
  const MemoryVerdict verdict = JudgeMemory(workload);
  const MemoryAdvice advice = verdict.Fits() ? MemoryAdvice() : AdviseMemory(workload);
  for (const auto& [label, line] : MemoryLines(verdict, advice, workload.plan.gpu.name)) {
    text += Row(label, line);
  }
  return text;
}

// Whom the figures of one class are about.
std::string SlowestClass(const Workload& workload, size_t number) {
  const std::vector<uint32_t> ranks = PlannedClasses(workload)[number].ranks;
  return absl::StrCat(ranks.size() == 1 ? "rank " : "ranks ",
                      Printable(FormatRankList(ranks), kRankListSizeMax),
                      ranks.size() == 1 ? "" : ", whose graphs are alike",
                      "; no other class of ranks computes longer");
}

}  // namespace

std::string Summarize(const Workload& workload, const std::vector<IterationTotals>& totals,
                      const std::string& folder) {
  const WorkloadOptions& options = workload.options;
  size_t slowest = 0;
  uint64_t nodes = 0;
  // Parameter servers stand last, each a class.
  const size_t training = totals.size() - options.parallelism.servers;
  for (size_t i = 0; i < totals.size(); ++i) {
    if (i < training && totals[i].compute_ns > totals[slowest].compute_ns) slowest = i;
    nodes += totals[i].nodes;
  }
  const IterationTotals& most = totals[slowest];
  const std::string where = totals.size() > 1 ? absl::StrCat(" of class ", slowest) : "";
  std::string text =
      Row("model", absl::StrCat(workload.architecture.name, " (", workload.architecture.title,
                                "), ", Parameters(workload.whole)));
  text += Row("ranks", Ranks(workload));
  text += Row("batch", Batch(workload));
  text += Row("GPU", GpuText(workload));
  text +=
      Row("one iteration", absl::StrCat(ScaledText(static_cast<double>(most.operations)),
                                        "FLOP and ", MillisecondsText(most.compute_ns),
                                        " of computing per GPU", where, " without the network (",
                                        PercentText(Utilisation(workload, most)), " of peak)"));
  if (totals.size() > 1) {
    text += Row(absl::StrCat("class ", slowest).c_str(), SlowestClass(workload, slowest));
  }
  text += Row("exchanged", absl::StrCat(Exchanged(most), " per GPU", where));
  text +=
      Row("graph", absl::StrCat(nodes, " nodes per iteration in ", totals.size(),
                                totals.size() == 1 ? " file" : " files", ", ", options.iterations,
                                " iteration", options.iterations == 1 ? "" : "s"));
  text += Row("traces", folder.empty() ? "not written (--dry-run)" : folder);
  return text + Notes(workload);
}

std::string SummarizeEstimate(const Workload& workload, const Host& host,
                              const IterationEstimate& estimate) {
  const auto other_ns =
      estimate.iteration_ns - std::min(estimate.iteration_ns, estimate.compute_ns);
  std::string text = Row("model", workload.architecture.name);
  text += Row("ranks", absl::StrCat(Ranks(workload), "; hosts: ", host.name));
  text += Row("GPU", GpuText(workload));
  text += Row("iteration_ns", absl::StrCat(estimate.iteration_ns));
  text += Row("compute_ns", absl::StrCat(estimate.compute_ns));
  text += Row("not_hidden_ns", absl::StrCat(other_ns));
  return text;
}

std::string ModelTable() {
  const char* const format = "%-18s %-26s %-19s %16s %15s  %s\n";
  std::string text = absl::StrFormat(format, "model", "", "family", "parameters", "per token",
                                     "aliases (small, medium, large: for a first try)");
  for (const Architecture& model : ListArchitectures()) {
    const LayerModel layers = BuildLayers(model, {}, {});
    const bool sparse = layers.ActiveParameterCount() < layers.ParameterCount();
    std::string row = absl::StrFormat(format, model.name, model.title, model.Family(),
                                      GroupedText(layers.ParameterCount()),
                                      sparse ? GroupedText(layers.ActiveParameterCount()) : "",
                                      absl::StrJoin(model.aliases, ", "));
    row.erase(row.find_last_not_of(" \n") + 1);
    text += row + '\n';
  }
  return text;
}

std::string GpuTable() {
  std::string text = absl::StrFormat("%-12s %-28s %s\n", "gpu", "", "precisions");
  for (const std::string& name : GpuPresetNames()) {
    const Gpu gpu = LoadGpu(name);
    text += absl::StrFormat("%-12s %-28s %s\n", gpu.name, gpu.description,
                            absl::StrJoin(gpu.PrecisionNames(), ", "));
  }
  return text;
}

}  // namespace ddlsim
