// SPDX-License-Identifier: MIT
//
// The execution graph of data-parallel training on one rank; all ranks have the same.
//
// Per iteration: the forward pass, the backward pass, an all-reduce per gradient bucket as soon as
// the backward pass has completed its gradients, and the optimizer step after all of them. Data
// dependencies are the dataflow (activations, gradients, parameters); control dependencies keep the
// order of the two streams of a GPU: kernels on the compute stream, and all-reduces, which a
// communication library runs one after another per communicator.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "hardware/gpu.h"
#include "traces/execution-graph.h"
#include "workload-gen/gradient-buckets.h"
#include "workload-gen/layer-costs.h"
#include "workload-gen/layer-model.h"

namespace ddlsim {

// Name of the group axis in the trace set.
constexpr const char* kDataParallelAxis = "dp";

struct TrainingPlan {
  LayerModel model;
  Gpu gpu;
  Formats formats;
  Optimizer optimizer = Optimizer::kAdam;
  std::vector<GradientBucket> buckets;
  uint32_t data_parallel = 1;  // 1: no all-reduces
  uint32_t iterations = 1;
  // Runs each block's forward pass again before its backward pass instead of keeping activations.
  bool recompute = false;
};

// Of one iteration and one rank.
struct IterationTotals {
  uint64_t nodes = 0;
  uint64_t compute_nodes = 0;
  uint64_t operations = 0;
  uint64_t memory_bytes = 0;
  uint64_t compute_ns = 0;  // sum of durations: the iteration's time on an infinitely fast network
  uint64_t all_reduces = 0;
  uint64_t all_reduce_bytes = 0;
};

using NodeSink = std::function<void(const GraphNode&)>;

// Hands the nodes to `sink` in topological order, with ids from 1. Memory does not grow with the
// number of iterations.
IterationTotals EmitTrainingGraph(const TrainingPlan& plan, const NodeSink& sink);

}  // namespace ddlsim
