// SPDX-License-Identifier: MIT
//
// The estimate of an iteration against closed forms.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/input-error.h"
#include "workload-gen/estimate/iteration-estimate.h"
#include "workload-gen/estimate/network-estimate.h"
#include "workload-gen/estimate/network-sharing.h"
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
  EXPECT_GT(all_reduce.nic_share, 0.9);
  EXPECT_GT(all_reduce.scale_up_share, 0.5);
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

// Without a library each pair has its link of 64 GB/s, 256 of 272 bytes on it payload.
TEST(Estimate, MeshesWithoutALibraryUseTheirLinksSideBySide) {
  const Workload workload = PlanWorkload(Options(8, 1, 1));
  const NetworkEstimate network(LoadHost("mi300x-host"), 8,
                                GroupAxes(workload.options.parallelism));
  const double rate = 64.0 * 256 / 272, latency_ns = 500;
  const uint64_t size = uint64_t{1} << 30;
  const double shot_ns = latency_ns + static_cast<double>(size) / 8 / rate;
  const auto time_of = [&](CollectiveType type, uint64_t size_bytes) {
    return static_cast<double>(network.Collective(type, size_bytes, "dp").duration_ns);
  };
  EXPECT_NEAR(time_of(CollectiveType::kAllGather, size), shot_ns, 1);
  EXPECT_NEAR(time_of(CollectiveType::kReduceScatter, size), shot_ns, 1);
  EXPECT_NEAR(time_of(CollectiveType::kAllToAll, size), shot_ns, 1);
  EXPECT_NEAR(time_of(CollectiveType::kAllReduce, size), 2 * shot_ns, 2);
  // One shot where a second latency costs more than the bytes.
  EXPECT_NEAR(time_of(CollectiveType::kAllReduce, 8192), latency_ns + 8192 / rate, 1);
  const ExchangeEstimate gather = network.Collective(CollectiveType::kAllGather, size, "dp");
  EXPECT_NEAR(gather.scale_up_share, 1, 1e-3);
  EXPECT_EQ(gather.nic_share, 0);
  // All seven links are busy but for the latency.
  const ExchangeEstimate small = network.Collective(CollectiveType::kAllReduce, 8192, "dp");
  EXPECT_NEAR(small.scale_up_share, 8192 / rate / (latency_ns + 8192 / rate), 2e-3);
  EXPECT_NEAR(static_cast<double>(network.Message(size, "dp", 2).duration_ns),
              latency_ns + static_cast<double>(size) / rate, 1);
}

// Shares below the whole go side by side; above it all on that network slow down alike.
TEST(Estimate, ExchangesShareNetworks) {
  NetworkSharing network;
  network.Start(1, {1000, 0.5, 0}, 0);
  network.Start(2, {1000, 0.5, 0}, 0);
  network.Start(3, {300, 0, 1}, 0);
  EXPECT_EQ(network.NextEnd(), 300);
  EXPECT_EQ(network.End(), 3u);
  // Half of what is left of both and all of the third take twice the links.
  network.Start(4, {400, 1, 0}, 600);
  EXPECT_EQ(network.NextEnd(), 1400);
  const uint32_t first = network.End();
  const uint32_t second = network.End();
  EXPECT_EQ(first + second, 1u + 2u + 4u - network.End());
  EXPECT_TRUE(network.IsIdle());
}

// Whatever begins when: a network gives no more than it has, and is never idle while one waits.
TEST(Estimate, SharedNetworksConserveWork) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    NetworkSharing network;
    double now_ns = 0, work_ns = 0, alone_ns = 0, end_ns = 0;
    uint32_t started = 0, ended = 0;
    while (ended < 40) {
      const bool begins = started < 40 && (network.IsIdle() || random() % 2 == 0);
      if (begins) {
        const auto duration_ns = static_cast<uint64_t>(1 + random() % 1000);
        const double share = (1 + random() % 4) / 4.0;
        if (!network.IsIdle()) now_ns += (network.NextEnd() - now_ns) * 0.5;
        network.Start(started++, {duration_ns, share, 0}, now_ns);
        work_ns += share * static_cast<double>(duration_ns);
        alone_ns = std::max(alone_ns, now_ns + static_cast<double>(duration_ns));
      } else {
        end_ns = network.NextEnd();
        EXPECT_GE(end_ns, now_ns - 1e-6);
        now_ns = end_ns;
        network.End();
        ++ended;
      }
    }
    EXPECT_GE(end_ns, work_ns - 1e-6);   // one network's worth at a time
    EXPECT_GE(end_ns, alone_ns - 1e-6);  // nothing is faster than alone
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
