// SPDX-License-Identifier: MIT
//
// From what a user asks for to a trace set on disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload-gen/architecture.h"
#include "workload-gen/graph/training-graph.h"
#include "workload-gen/workload-options.h"

namespace ddlsim {

struct Workload {
  WorkloadOptions options;  // with the defaults filled in
  Architecture architecture;
  LayerModel whole;   // the model undivided, for what is said of it
  TrainingPlan plan;  // of one rank per pipeline stage

  uint32_t StageCount() const { return plan.pipeline.stages; }
  // Ranks with one graph each: stages of the pipeline, then parameter servers.
  uint32_t ClassCount() const { return StageCount() + plan.data_parallel.servers; }
  IterationTotals Emit(uint32_t rank_class, const NodeSink& sink) const;
};

// Loads model and GPU and lays out the work. Throws InputError.
Workload PlanWorkload(const WorkloadOptions& options);

// Counts the graphs without writing them: by class.
std::vector<IterationTotals> CountWorkload(const Workload& workload);

// Writes the trace set into `folder`: one rank class per pipeline stage and parameter server,
// and the groups of the parallelism plan. Throws InputError if the folder cannot be written.
std::vector<IterationTotals> WriteWorkload(const Workload& workload, const std::string& folder);

}  // namespace ddlsim
