// SPDX-License-Identifier: MIT
#include "workload-gen/program/workload-writer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "traces/trace-writer.h"
#include "workload-gen/memory/memory-text.h"
#include "workload-gen/parallel/embedding-sharding.h"

namespace ddlsim {
namespace {

nlohmann::ordered_json DescribeStage(const IterationTotals& totals) {
  nlohmann::ordered_json json;
  json["operations"] = totals.operations;
  json["compute_ns"] = totals.compute_ns;
  json["collectives"] = totals.collectives;
  json["collective_bytes"] = totals.collective_bytes;
  json["sends"] = totals.sends;
  json["send_bytes"] = totals.send_bytes;
  return json;
}

nlohmann::ordered_json DescribeParallelism(const Workload& workload) {
  const Parallelism& plan = workload.options.parallelism;
  nlohmann::ordered_json json;
  json["data"] = plan.data;
  json["tensor"] = plan.tensor;
  json["sequence"] = plan.LayerSharding().sequence;
  json["context"] = plan.context;
  json["expert"] = plan.expert;
  json["expert_tensor"] = plan.ExpertTensor();
  // Only where it is so, so that equal loads make the same bytes as leaving the options out.
  if (workload.batch.sharding.expert_loads != nullptr) {
    json["largest_expert_load_ratio"] = workload.batch.sharding.expert_loads->LargestRatio();
  }
  if (plan.embedding_sharding != EmbeddingSharding::kDataParallel) {
    json["embedding_sharding"] = EmbeddingShardingName(plan.embedding_sharding);
  }
  json["pipeline"] = plan.pipeline;
  json["rank_order"] = plan.rank_order;
  return json;
}

nlohmann::ordered_json Describe(const Workload& workload,
                                const std::vector<IterationTotals>& totals) {
  const WorkloadOptions& options = workload.options;
  nlohmann::ordered_json json;
  json["model"] = workload.architecture.name;
  json["parameters"] = workload.whole.ParameterCount();
  json["active_parameters"] = workload.whole.ActiveParameterCount();
  if (!workload.whole.frozen.empty()) {
    json["trained_parameters"] = workload.whole.TrainedParameterCount();
  }
  json["parallelism"] = DescribeParallelism(workload);
  json["parameter_servers"] = options.parallelism.servers;
  json["schedule"] = PipelineScheduleName(options.schedule);
  json["batch_per_replica"] = options.batch;
  json["micro_batches"] = options.micro_batches;
  if (workload.architecture.HasSequences()) json["sequence_length"] = options.sequence_length;
  json["gpu"] = workload.plan.gpu.name;
  json["precision"] = PrecisionName(options.precision);
  json["gradient_precision"] = PrecisionName(options.gradient_precision);
  json["parameter_precision"] = PrecisionName(options.parameter_precision);
  json["recompute"] = options.recompute;
  json["recomputes_attention"] = options.compute.recomputes_attention;
  json["iterations"] = options.iterations;
  for (const IterationTotals& stage : totals) {
    json["stages_per_iteration"].push_back(DescribeStage(stage));
  }
  json["memory"] = MemoryJson(JudgeMemory(workload));
  return json;
}

}  // namespace

std::vector<IterationTotals> WriteWorkload(const Workload& workload, const std::string& folder) {
  const Parallelism& parallelism = workload.options.parallelism;
  TraceSetWriter::Options options;
  options.folder = folder;
  options.generator_command = CanonicalCommand(workload.options);
  options.seed = workload.options.seed;
  options.rank_count = parallelism.RankCount();
  options.axes = GroupAxes(parallelism);
  TraceSetWriter writer(std::move(options));
  std::vector<IterationTotals> totals;
  for (PlannedClass& rank_class : PlannedClasses(workload)) {
    writer.BeginClass(std::move(rank_class.ranks));
    totals.push_back(rank_class.Emit([&writer](const GraphNode& node) { writer.Add(node); }));
  }
  writer.SetDescription(Describe(workload, totals).dump());
  writer.Finish();
  return totals;
}

}  // namespace ddlsim
