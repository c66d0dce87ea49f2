// SPDX-License-Identifier: MIT
#include "workload-gen/summary.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>

namespace ddlsim {
namespace {

// 124439808 -> "124,439,808"
std::string Grouped(uint64_t value) {
  std::string digits = absl::StrCat(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, ",");
  return digits;
}

// Four significant digits and a decimal prefix: "7.452 T".
std::string Scaled(double value) {
  const char* const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  size_t prefix = 0;
  while (value >= 1000 && prefix < 6) {
    value /= 1000;
    ++prefix;
  }
  return absl::StrFormat("%.4g %s", value, prefixes[prefix]);
}

std::string Milliseconds(uint64_t duration_ns) {
  return absl::StrFormat("%.3f ms", static_cast<double>(duration_ns) / 1e6);
}

std::string Binary(uint64_t size_bytes) {
  const char* const prefixes[] = {"MiB", "GiB", "TiB"};
  double value = static_cast<double>(size_bytes) / (1 << 20);
  size_t prefix = 0;
  while (value >= 1024 && prefix < 2) {
    value /= 1024;
    ++prefix;
  }
  return absl::StrFormat("%.1f %s", value, prefixes[prefix]);
}

std::string Share(double part) {
  return absl::StrFormat("%.1f %%", 100 * part);
}

std::string Row(const char* label, const std::string& text) {
  return absl::StrFormat("%-15s%s\n", label, text);
}

std::string Gradients(const Workload& workload, const IterationTotals& totals) {
  if (totals.all_reduces == 0) return "not exchanged (one rank)";
  uint64_t largest_bytes = 0;
  for (const GradientBucket& bucket : workload.plan.buckets) {
    largest_bytes = std::max(largest_bytes, bucket.size_bytes);
  }
  return absl::StrCat(Binary(totals.all_reduce_bytes), " of ",
                      PrecisionName(workload.options.gradient_precision), " in ",
                      totals.all_reduces, " buckets, the largest ", Binary(largest_bytes),
                      "; each is all-reduced over ", workload.options.data_parallel, " ranks");
}

std::string Parameters(const LayerModel& model) {
  const uint64_t all = model.ParameterCount(), active = model.ActiveParameterCount();
  const std::string per_token = all == active ? "" : ", " + Grouped(active) + " per token";
  return Grouped(all) + " parameters" + per_token;
}

// Share of the peak that matrix products would need to fill the computing time.
double Utilisation(const Workload& workload, const IterationTotals& totals) {
  uint64_t operations = 0;
  for (const Operation& operation : workload.plan.model.operations) {
    if (UnitOfClass(operation.operation_class) != ArithmeticUnit::kMatrix) continue;
    operations += operation.forward.operations + operation.backward.operations;
  }
  const double peak = static_cast<double>(workload.plan.gpu.Peak(workload.options.precision));
  return static_cast<double>(operations) / (static_cast<double>(totals.compute_ns) * 1e-9 * peak);
}

}  // namespace

std::string Summarize(const Workload& workload, const IterationTotals& totals,
                      const std::string& folder) {
  const WorkloadOptions& options = workload.options;
  const Gpu& gpu = workload.plan.gpu;
  std::string batch = absl::StrCat("batch ", options.batch, " per GPU");
  if (workload.architecture.HasSequences()) {
    absl::StrAppend(&batch, ", sequence length ", options.sequence_length);
  }
  std::string text =
      Row("model", absl::StrCat(workload.architecture.name, " (", workload.architecture.title,
                                "), ", Parameters(workload.plan.model)));
  text += Row("data parallel", absl::StrCat(options.data_parallel, " ranks, ", batch));
  text += Row("GPU", absl::StrCat(gpu.name, ", ", PrecisionName(options.precision), " at ",
                                  Scaled(static_cast<double>(gpu.Peak(options.precision))),
                                  "FLOP/s, efficiency of matrix products ", gpu.matmul_efficiency,
                                  ", of memory ", gpu.memory_efficiency));
  text += Row("one iteration", absl::StrCat(Scaled(static_cast<double>(totals.operations)),
                                            "FLOP and ", Milliseconds(totals.compute_ns),
                                            " of computing per GPU without the network (",
                                            Share(Utilisation(workload, totals)), " of peak)"));
  text += Row("gradients", Gradients(workload, totals));
  text += Row("graph",
              absl::StrCat(totals.nodes, " nodes per iteration (", totals.compute_nodes,
                           " compute, ", totals.all_reduces, " all-reduce), ", options.iterations,
                           " iteration", options.iterations == 1 ? "" : "s"));
  text += Row("traces", folder.empty() ? "not written (--dry-run)" : folder);
  if (!workload.architecture.left_out.empty()) {
    text += Row("note", "not modelled: " + workload.architecture.left_out);
  }
  if (workload.StateBytes() > gpu.memory_size_bytes) {
    text += Row("note",
                absl::StrCat("parameters, gradients and optimizer state take ",
                             Scaled(static_cast<double>(workload.StateBytes())), "B per GPU; ",
                             gpu.name, " has ", Scaled(static_cast<double>(gpu.memory_size_bytes)),
                             "B, so that this could not run as is"));
  }
  return text;
}

std::string ModelTable() {
  const char* const format = "%-18s %-26s %-19s %16s %15s  %s\n";
  std::string text = absl::StrFormat(format, "model", "", "family", "parameters", "per token",
                                     "aliases (small, medium, large: for a first try)");
  for (const Architecture& model : ListArchitectures()) {
    const LayerModel layers = BuildLayers(model, {}, {});
    const bool sparse = layers.ActiveParameterCount() < layers.ParameterCount();
    std::string row = absl::StrFormat(
        format, model.name, model.title, model.Family(), Grouped(layers.ParameterCount()),
        sparse ? Grouped(layers.ActiveParameterCount()) : "", absl::StrJoin(model.aliases, ", "));
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
