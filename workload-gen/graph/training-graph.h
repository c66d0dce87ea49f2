// SPDX-License-Identifier: MIT
//
// The execution graph of training on one rank of a pipeline stage; all ranks of a stage have the
// same.
//
// Per iteration: the forward and backward passes of the stage's micro-batches in the order of its
// schedule, the reduction of gradients as soon as the backward pass has completed them, and the
// optimizer step after all of them. Data dependencies are the dataflow (activations, gradients,
// parameters); control dependencies keep the order of a GPU's streams.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "hardware/gpu.h"
#include "workload-gen/graph/gradient-sync.h"
#include "workload-gen/graph/node-stream.h"
#include "workload-gen/graph/stage-cut.h"
#include "workload-gen/layers/layer-costs.h"
#include "workload-gen/layers/layer-model.h"
#include "workload-gen/parallel/pipeline-schedule.h"
#include "workload-gen/parallel/tensor-overlap.h"

namespace ddlsim {

struct TrainingPlan {
  LayerModel model;  // what one rank of each stage has of the layers, per micro-batch
  Gpu gpu;
  // Measured times that win over the roofline, if there are any, and the ranks' speed.
  std::shared_ptr<ComputeTimes> times;
  uint32_t speed_ppm = kWholeSpeedPpm;
  Formats formats;
  Optimizer optimizer = Optimizer::kAdam;
  DataParallelPlan data_parallel;
  PipelineShape pipeline;
  uint32_t iterations = 1;
  // Runs each block's forward pass again before its backward pass instead of keeping activations.
  bool recompute = false;
  // Of `tensor_ranks`, which divide each layer.
  TensorOverlap overlap;
  uint32_t tensor_ranks = 1;

  // The parts of a stage, in the order of the layers.
  std::vector<StagePart> PartsOf(uint32_t stage) const;
};

// Hands the nodes to `sink` in topological order, with ids from 1. Memory does not grow with the
// number of iterations.
IterationTotals EmitTrainingGraph(const TrainingPlan& plan, uint32_t stage, const NodeSink& sink);

}  // namespace ddlsim
