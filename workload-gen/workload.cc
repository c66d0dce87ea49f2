// SPDX-License-Identifier: MIT
#include "workload-gen/workload.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "base/quantity.h"
#include "hardware/preset-folder.h"
#include "traces/trace-writer.h"
#include "workload-gen/arithmetic.h"
#include "workload-gen/hf-config.h"

namespace ddlsim {
namespace {

void ResolveBatch(const Architecture& architecture, WorkloadOptions& options) {
  if (options.batch == 0) options.batch = architecture.batch;
  if (!architecture.HasSequences()) {
    if (options.sequence_length != 0) {
      throw InputError("--sequence-length", "'" + architecture.name + "' has no sequences",
                       "leave the option out");
    }
    return;
  }
  if (options.sequence_length == 0) options.sequence_length = architecture.sequence_length;
  const uint64_t most = architecture.sequence_max;
  if (most > 0 && options.sequence_length > most) {
    throw InputError("--sequence-length",
                     absl::StrCat(options.sequence_length, " exceeds the ", most, " positions of '",
                                  architecture.name, "'"),
                     absl::StrCat("choose at most ", most));
  }
}

void CheckPrecision(const Gpu& gpu, Precision precision) {
  if (gpu.Peak(precision) > 0) return;
  throw InputError("--precision",
                   absl::StrCat("'", gpu.name, "' has no ", PrecisionName(precision)),
                   "choose one of " + absl::StrJoin(gpu.PrecisionNames(), ", "));
}

nlohmann::ordered_json Describe(const Workload& workload, const IterationTotals& totals) {
  const WorkloadOptions& options = workload.options;
  nlohmann::ordered_json json;
  json["model"] = workload.architecture.name;
  json["parameters"] = workload.plan.model.ParameterCount();
  json["active_parameters"] = workload.plan.model.ActiveParameterCount();
  json["data_parallel"] = options.data_parallel;
  json["batch_per_gpu"] = options.batch;
  if (workload.architecture.HasSequences()) json["sequence_length"] = options.sequence_length;
  json["gpu"] = workload.plan.gpu.name;
  json["precision"] = PrecisionName(options.precision);
  json["gradient_precision"] = PrecisionName(options.gradient_precision);
  json["recompute"] = options.recompute;
  json["iterations"] = options.iterations;
  json["operations_per_iteration"] = totals.operations;
  json["compute_ns_per_iteration"] = totals.compute_ns;
  json["all_reduces_per_iteration"] = totals.all_reduces;
  json["all_reduce_bytes_per_iteration"] = totals.all_reduce_bytes;
  return json;
}

}  // namespace

uint64_t Workload::StateBytes() const {
  const uint64_t bytes_per_parameter = plan.formats.ParameterBytes() +
                                       plan.formats.GradientBytes() +
                                       OptimizerStateBytes(plan.optimizer);
  return Product({plan.model.ParameterCount(), bytes_per_parameter});
}

Workload PlanWorkload(const WorkloadOptions& options) {
  Workload workload;
  workload.options = options;
  if (options.hf_config.empty()) {
    workload.architecture = LoadArchitecture(options.model);
    // An alias and the name make the same set, to the byte.
    if (!IsYamlPath(options.model)) workload.options.model = workload.architecture.name;
  } else {
    workload.architecture = LoadHfConfig(options.hf_config);
  }
  ResolveBatch(workload.architecture, workload.options);
  TrainingPlan& plan = workload.plan;
  plan.gpu = LoadGpu(options.gpu);
  CheckPrecision(plan.gpu, options.precision);
  plan.formats = {options.precision, options.gradient_precision};
  plan.optimizer = workload.architecture.optimizer;
  plan.model =
      BuildLayers(workload.architecture, {workload.options.batch, workload.options.sequence_length},
                  plan.formats);
  plan.buckets = FormBuckets(plan.model, plan.formats.GradientBytes(), options.buckets);
  plan.data_parallel = options.data_parallel;
  plan.iterations = options.iterations;
  plan.recompute = options.recompute;
  return workload;
}

IterationTotals CountWorkload(const Workload& workload) {
  return EmitTrainingGraph(workload.plan, [](const GraphNode&) {});
}

IterationTotals WriteWorkload(const Workload& workload, const std::string& folder) {
  std::vector<uint32_t> ranks(workload.options.data_parallel);
  std::iota(ranks.begin(), ranks.end(), 0);
  TraceSetWriter::Options options;
  options.folder = folder;
  options.generator_command = CanonicalCommand(workload.options);
  options.seed = workload.options.seed;
  options.rank_count = workload.options.data_parallel;
  options.axes = {{kDataParallelAxis, {ranks}}};
  TraceSetWriter writer(std::move(options));
  writer.BeginClass(std::move(ranks));
  const IterationTotals totals =
      EmitTrainingGraph(workload.plan, [&writer](const GraphNode& node) { writer.Add(node); });
  writer.SetDescription(Describe(workload, totals).dump());
  writer.Finish();
  return totals;
}

std::string CanonicalCommand(const WorkloadOptions& options) {
  return absl::StrCat(
      "ddl-workload ",
      options.hf_config.empty() ? "--model=" + options.model : "--hf-config=" + options.hf_config,
      " --gpu=", options.gpu, " --dp=", options.data_parallel, " --batch=", options.batch,
      options.sequence_length > 0 ? absl::StrCat(" --sequence-length=", options.sequence_length)
                                  : "",
      " --precision=", PrecisionName(options.precision),
      " --gradient-precision=", PrecisionName(options.gradient_precision),
      " --bucket-size=", FormatSize(options.buckets.bytes),
      " --first-bucket-size=", FormatSize(options.buckets.first_bytes),
      " --recompute=", options.recompute ? "full" : "none", " --iterations=", options.iterations,
      " --seed=", options.seed);
}

}  // namespace ddlsim
