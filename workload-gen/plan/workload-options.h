// SPDX-License-Identifier: MIT
//
// What a user asks the generator for, and the options that say it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hardware/gpu.h"
#include "workload-gen/graph/gradient-sync.h"
#include "workload-gen/parallel/parallelism.h"
#include "workload-gen/parallel/pipeline-schedule.h"
#include "workload-gen/plan/adapter-options.h"
#include "workload-gen/plan/compute-options.h"
#include "workload-gen/plan/expert-load-options.h"
#include "workload-gen/plan/framework-memory.h"

namespace ddlsim {

struct WorkloadOptions {
  std::string model;      // a name or a file; empty where hf_config is given
  std::string hf_config;  // a Hugging Face config.json
  std::string gpu = "h100";
  Parallelism parallelism;
  ExpertLoadOptions expert_loads;
  AdapterOptions adapters;
  PipelineSchedule schedule = PipelineSchedule::k1F1B;
  uint32_t virtual_stages = 1;
  uint32_t micro_batches = 1;
  uint64_t batch = 0;            // samples per data-parallel replica and iteration; 0: by model
  uint64_t sequence_length = 0;  // tokens per sample; 0: the longest that the model takes
  ZeroStage zero = ZeroStage::kNone;
  bool overlaps_parameter_gather = false;
  uint32_t prefetch = 1;
  bool has_prefetch = false;                  // was asked for
  std::optional<uint32_t> backward_prefetch;  // none: as prefetch
  Compression compression = Compression::kNone;
  double top_share = 0.01;  // of the values, that Compression::kTopK sends
  uint32_t local_steps = 1;
  std::optional<uint32_t> staleness;  // of parameter servers; none: synchronous
  Precision precision = Precision::kBf16;
  Precision gradient_precision = Precision::kFp32;
  Precision parameter_precision = Precision::kFp32;  // as stored; not fp32: as `precision`
  BucketLimits buckets;
  bool has_first_bucket_size = false;
  bool recompute = false;  // full
  ComputeOptions compute;
  uint32_t iterations = 1;
  FrameworkMemory framework_memory;
  uint64_t seed = 1;
};

struct WorkloadOption {
  const char* name;  // "--dp"
  const char* unit;  // of the value, for the help
  const char* help;
  // Throws InputError (place: the option's name) for a text that makes no sense.
  std::function<void(const std::string& text, WorkloadOptions& options)> read;
  // The text that read() would take for the value.
  std::function<std::string(const WorkloadOptions& options)> write;
};

// All options that shape a workload, in the order of the help.
std::vector<WorkloadOption> WorkloadOptionTable();

// What no single option shows. Throws InputError.
void CheckWorkloadOptions(WorkloadOptions& options);

// The command line that makes the same set again, with every option and without --out.
std::string CanonicalCommand(const WorkloadOptions& options);

}  // namespace ddlsim
