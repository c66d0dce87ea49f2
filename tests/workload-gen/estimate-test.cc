// SPDX-License-Identifier: MIT
//
// The estimate of an iteration against closed forms.
#include <gtest/gtest.h>

#include "base/input-error.h"
#include "workload-gen/estimate/iteration-estimate.h"
#include "workload-gen/estimate/network-estimate.h"
#include "workload-gen/plan/workload.h"

namespace ddlsim {
namespace {

WorkloadOptions Options(uint32_t data, uint32_t tensor, uint32_t pipeline) {
  WorkloadOptions options;
  options.model = "gpt3-1.3b";
  options.parallelism.data = data;
  options.parallelism.tensor = tensor;
  options.parallelism.pipeline = pipeline;
  return options;
}

IterationEstimate Estimate(const WorkloadOptions& options, const char* host = "hgx-h100",
                           uint32_t nodes = 0) {
  return EstimateIteration(PlanWorkload(options), LoadHost(host), nodes);
}

TEST(Estimate, OneRankTakesItsComputingTime) {
  const Workload workload = PlanWorkload(Options(1, 1, 1));
  const IterationEstimate estimate = EstimateIteration(workload, LoadHost("hgx-h100"), 0);
  EXPECT_EQ(estimate.iteration_ns, CountWorkload(workload).front().compute_ns);
  EXPECT_EQ(estimate.compute_ns, estimate.iteration_ns);
}

TEST(Estimate, APipelineHasItsBubble) {
  for (uint32_t stages : {2u, 3u, 8u}) {
    WorkloadOptions options = Options(1, 1, stages);
    options.micro_batches = 2 * stages;
    const IterationEstimate estimate = Estimate(options);
    // (p - 1) / m of the computing, plus messages and the uneven ends of the model.
    const double bubble = 1.0 * (stages - 1) / options.micro_batches;
    const double ratio =
        static_cast<double>(estimate.iteration_ns) / static_cast<double>(estimate.compute_ns);
    EXPECT_GT(ratio, 1 + 0.5 * bubble) << stages;
    EXPECT_LT(ratio, 1 + 1.3 * bubble) << stages;
  }
}

TEST(Estimate, ExchangesTakeTimeAndSomeIsHidden) {
  const uint64_t alone_ns = Estimate(Options(1, 1, 1)).iteration_ns;
  const IterationEstimate two = Estimate(Options(16, 1, 1));
  EXPECT_GT(two.iteration_ns, alone_ns);
  const Host host = LoadHost("hgx-h100");
  const Workload workload = PlanWorkload(Options(16, 1, 1));
  const NetworkEstimate network(host, 8, GroupAxes(workload.options.parallelism));
  const uint64_t all_ns =
      network.Collective(CollectiveType::kAllReduce, 4 * workload.whole.ParameterCount(), "dp")
          .duration_ns;
  EXPECT_LT(two.iteration_ns, alone_ns + all_ns);
}

TEST(Estimate, RingsTakeWhatTheirLinksAllow) {
  Workload workload = PlanWorkload(Options(16, 1, 1));
  const Host host = LoadHost("hgx-h100");
  const NetworkEstimate network(host, 8, GroupAxes(workload.options.parallelism));
  const uint64_t size = uint64_t{1} << 33;
  const ExchangeEstimate all_reduce = network.Collective(CollectiveType::kAllReduce, size, "dp");
  // No faster than both networks' links, and within 15 % of the slower one's.
  const double nics = 8 * 50.0, bound_ns = 2.0 * 15 / 16 * static_cast<double>(size) / nics;
  EXPECT_GT(static_cast<double>(all_reduce.duration_ns), bound_ns);
  EXPECT_LT(static_cast<double>(all_reduce.duration_ns), 1.15 * bound_ns);
  EXPECT_TRUE(all_reduce.uses_nics && all_reduce.uses_scale_up);
  const ExchangeEstimate half = network.Collective(CollectiveType::kReduceScatter, size, "dp");
  EXPECT_NEAR(2.0 * static_cast<double>(half.duration_ns),
              static_cast<double>(all_reduce.duration_ns), 1e5);
  uint64_t before = 0;
  for (uint64_t bytes = 1; bytes < size; bytes *= 4) {
    const uint64_t ns = network.Collective(CollectiveType::kAllToAll, bytes, "dp").duration_ns;
    EXPECT_GE(ns, before);
    before = ns;
  }
}

TEST(Estimate, MoreNodesForAsManyRanksAreNoFaster) {
  const WorkloadOptions options = Options(8, 1, 1);
  EXPECT_GT(Estimate(options, "hgx-h100", 8).iteration_ns,
            Estimate(options, "hgx-h100", 1).iteration_ns);
}

TEST(Estimate, OddNumbersOfStagesFindTheirNeighbours) {
  WorkloadOptions options = Options(1, 1, 3);
  options.schedule = PipelineSchedule::kInterleaved;
  options.virtual_stages = 2;
  options.micro_batches = 6;
  EXPECT_GT(Estimate(options).iteration_ns, 0u);
}

TEST(Estimate, RefusesHostsAndPlansThatDoNotFit) {
  EXPECT_THROW(Estimate(Options(8, 1, 1), "hgx-h100", 3), InputError);
  EXPECT_THROW(Estimate(Options(16, 1, 1), "hgx-h100", 1), InputError);
  WorkloadOptions options = Options(8, 1, 1);
  options.compute.speeds = "1:0.5";
  EXPECT_THROW(Estimate(options), InputError);
}

}  // namespace
}  // namespace ddlsim
