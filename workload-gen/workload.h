// SPDX-License-Identifier: MIT
//
// From what a user asks for to a trace set on disk.
#pragma once

#include <cstdint>
#include <string>

#include "workload-gen/architecture.h"
#include "workload-gen/training-graph.h"

namespace ddlsim {

struct WorkloadOptions {
  std::string model;      // a name or a YAML file; empty where hf_config is given
  std::string hf_config;  // a Hugging Face config.json
  std::string gpu = "h100";
  uint32_t data_parallel = 1;
  uint64_t batch = 0;            // samples per GPU and iteration; 0: the model's default
  uint64_t sequence_length = 0;  // tokens per sample; 0: the longest that the model takes
  Precision precision = Precision::kBf16;
  Precision gradient_precision = Precision::kFp32;
  BucketLimits buckets;
  bool recompute = false;
  uint32_t iterations = 1;
  uint64_t seed = 1;
};

struct Workload {
  WorkloadOptions options;  // with the defaults filled in
  Architecture architecture;
  TrainingPlan plan;

  // Parameters, gradients and optimizer state of one GPU.
  uint64_t StateBytes() const;
};

// Loads model and GPU and lays out the work. Throws InputError.
Workload PlanWorkload(const WorkloadOptions& options);

// Counts the graph without writing it.
IterationTotals CountWorkload(const Workload& workload);

// Writes the trace set into `folder`: one rank class for all ranks, axis "dp" with one group of
// all. Throws InputError if the folder cannot be written.
IterationTotals WriteWorkload(const Workload& workload, const std::string& folder);

// The command line that makes the same set again, with every option and without --out.
std::string CanonicalCommand(const WorkloadOptions& options);

}  // namespace ddlsim
