// SPDX-License-Identifier: MIT
//
// Generated computing times beside measured training of the same models. Nothing is fitted: the
// model counts what kernels must do at the rates of the GPU's preset, so it may be faster than a
// measured run (real shapes fall short of the best one, and the measured runs include input,
// optimizer extras and, on 8 GPUs, communication within the node) but must not be much slower.
#include <gtest/gtest.h>

#include <string>

#include "workload-gen/plan/workload.h"

namespace ddlsim {
namespace {

constexpr const char* kFoundry =
    "github:mosaicml/llm-foundry@8c8dd48:scripts/train/benchmarking/README.md";
constexpr const char* kExamples = "github:NVIDIA/DeepLearningExamples@729963d";

struct Measured {
  const char* model;
  const char* gpu;
  Precision precision;
  uint64_t batch;
  uint64_t sequence_length;
  uint64_t accumulation;  // micro-batches per optimizer step
  double samples_per_s;   // per GPU
  const char* source;
};

const Measured kMeasured[] = {
    // MPT has the shapes of GPT-3; 8 GPUs of one node, tokens/s / 8 / 2048.
    {"gpt3-125m", "a100-80gb", Precision::kBf16, 40, 2048, 2, 1142641.0 / 8 / 2048, kFoundry},
    {"gpt3-760m", "a100-80gb", Precision::kBf16, 24, 2048, 2, 259472.0 / 8 / 2048, kFoundry},
    {"gpt3-2.7b", "a100-80gb", Precision::kBf16, 10, 2048, 2, 86491.0 / 8 / 2048, kFoundry},
    {"gpt3-13b", "a100-80gb", Precision::kBf16, 2, 2048, 3, 18097.0 / 8 / 2048, kFoundry},
    {"gpt3-1.3b", "h100", Precision::kBf16, 14, 2048, 1, 363645.0 / 8 / 2048, kFoundry},
    {"gpt3-6.7b", "h100", Precision::kBf16, 6, 2048, 1, 85144.0 / 8 / 2048, kFoundry},
    // One GPU each.
    {"bert-large", "a100-80gb", Precision::kFp16, 64, 128, 32, 580, kExamples},
    {"resnet50", "a100-80gb", Precision::kFp16, 256, 0, 1, 2470, kExamples},
    {"resnet50", "v100", Precision::kFp16, 256, 0, 1, 1200, kExamples},
    {"resnet50", "v100", Precision::kFp32, 128, 0, 1, 367, kExamples},
};

TEST(Plausibility, ComputingAloneIsFasterThanMeasuredTrainingButNotByMuch) {
  for (const Measured& measured : kMeasured) {
    WorkloadOptions options;
    options.model = measured.model;
    options.gpu = measured.gpu;
    options.precision = measured.precision;
    options.batch = measured.batch;
    options.sequence_length = measured.sequence_length;
    const Workload workload = PlanWorkload(options);
    const TrainingPlan& plan = workload.plan;
    const uint64_t optimizer_ns =
        DurationNs(plan.gpu, plan.formats.compute, ArithmeticUnit::kVector,
                   OptimizerWork(plan.formats, plan.optimizer, plan.model.ParameterCount()));
    const uint64_t step_ns = CountWorkload(workload).front().compute_ns - optimizer_ns +
                             optimizer_ns / measured.accumulation;
    const double samples_per_s =
        static_cast<double>(measured.batch) / (static_cast<double>(step_ns) * 1e-9);
    const double ratio = samples_per_s / measured.samples_per_s;
    RecordProperty(std::string(measured.model) + "_" + measured.gpu, std::to_string(ratio));
    EXPECT_GT(ratio, 0.85) << measured.model << " on " << measured.gpu << ": " << measured.source;
    EXPECT_LT(ratio, 1.45) << measured.model << " on " << measured.gpu << ": " << measured.source;
    std::printf("%-11s %-10s %-4s generated/measured %.2f\n", measured.model, measured.gpu,
                PrecisionName(measured.precision), ratio);
  }
}

}  // namespace
}  // namespace ddlsim
