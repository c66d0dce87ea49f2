// SPDX-License-Identifier: MIT
//
// From what a user asks for to the graphs of all ranks.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/graph/training-graph.h"
#include "workload-gen/plan/rank-hardware.h"
#include "workload-gen/plan/workload-options.h"

namespace ddlsim {

struct Workload {
  WorkloadOptions options;  // with the defaults filled in
  Architecture architecture;
  LayerModel whole;   // the model undivided, for what is said of it
  BatchShape batch;   // a micro-batch, and what a rank has of it and of the model
  TrainingPlan plan;  // of one rank per pipeline stage, on the first GPU; where ranks' experts get
                      // different numbers of tokens or tables are spread, of member 0
  std::vector<RankHardware> hardware;

  uint32_t StageCount() const { return plan.pipeline.stages; }
};

// Loads model and GPU and lays out the work. Throws InputError.
Workload PlanWorkload(const WorkloadOptions& options);

// Ranks whose graphs are alike: those of a stage, or a parameter server, with the same GPU at the
// same speed, whose experts get equally many tokens and which have equally many embedding tables.
struct PlannedClass {
  uint32_t place = 0;  // stages of the pipeline, then parameter servers
  std::vector<uint32_t> ranks;
  std::shared_ptr<const TrainingPlan> plan;

  IterationTotals Emit(const NodeSink& sink) const;
};
std::vector<PlannedClass> PlannedClasses(const Workload& workload);

// Of graphs that have been emitted. Throws InputError for measured times that no operation has.
void CheckComputeTimes(const Workload& workload);

// Counts the graphs without writing them: by class. Throws InputError as CheckComputeTimes().
std::vector<IterationTotals> CountWorkload(const Workload& workload);

}  // namespace ddlsim
