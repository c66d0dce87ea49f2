// SPDX-License-Identifier: GPL-2.0-only
#include "library/library-plan.h"

#include <algorithm>
#include <string>

#include "base/input-error.h"
#include "library/plan-parts.h"

namespace ddlsim {
namespace {

// Whether the simulated hosts can run it.
bool IsRunnable(Algorithm algorithm, const GroupFacts& group) {
  if (algorithm == Algorithm::kNvls || algorithm == Algorithm::kNvlsTree) return group.has_engines;
  if (algorithm == Algorithm::kInNetwork) return group.has_switch_engines;
  return algorithm == Algorithm::kRing || algorithm == Algorithm::kTree;
}

GpuRates RatesFor(const GpuRates& gpu, uint64_t size_bytes) {
  GpuRates rates = gpu;
  const bool is_large = static_cast<double>(size_bytes) >= gpu.nvls_large_bytes;
  if (gpu.nvls_large_rate > 0 && is_large) rates.nvls_rate = gpu.nvls_large_rate;
  return rates;
}

// The library calls its double binary tree a tree.
Algorithm LibraryName(Algorithm algorithm) {
  return algorithm == Algorithm::kDoubleBinaryTree ? Algorithm::kTree : algorithm;
}

[[noreturn]] void RefuseChoice(const CollectiveSpec& spec, const LibraryCall& call,
                               const GroupFacts& group, const LibraryConfig& config) {
  std::string known;
  for (const LibraryChoice& choice : LibraryCandidates(call, config.parameters)) {
    const std::string name = AlgorithmName(choice.algorithm);
    if (!IsRunnable(choice.algorithm, group) || known.find("'" + name + "'") != known.npos)
      continue;
    known += (known.empty() ? "'" : ", '") + name + "'";
  }
  throw InputError("--algo",
                   std::string("the library does not run ") + CollectiveName(spec.type) + " by " +
                       AlgorithmName(spec.algorithm) + " with protocol " +
                       ProtocolName(config.protocol) + " on " + std::to_string(call.rank_count) +
                       " ranks of " + std::to_string(call.node_count) +
                       (call.node_count == 1 ? " node" : " nodes"),
                   "choose from " + known + " and leave --proto to auto, or use --library=none");
}

LibraryChoice Choose(const CollectiveSpec& spec, const LibraryCall& call, const GroupFacts& group,
                     const LibraryConfig& config) {
  LibraryChoice best;
  // What a plugin's own settings allow, as NCCL_ALGO and NCCL_PROTO in its documentation.
  const bool is_restricted = group.node_count > 1 && config.parameters.fabric.simple_only > 0 &&
                             spec.algorithm == Algorithm::kAuto &&
                             config.protocol == Protocol::kAuto;
  for (const LibraryChoice& choice : LibraryCandidates(call, config.parameters)) {
    if (!IsRunnable(choice.algorithm, group)) continue;
    if (spec.algorithm != Algorithm::kAuto && LibraryName(spec.algorithm) != choice.algorithm) {
      continue;
    }
    if (is_restricted &&
        (choice.algorithm != Algorithm::kRing || choice.protocol != Protocol::kSimple)) {
      continue;
    }
    if (config.protocol != Protocol::kAuto && config.protocol != choice.protocol) continue;
    if (best.algorithm == Algorithm::kAuto || choice.kernel_us < best.kernel_us) best = choice;
  }
  if (best.algorithm == Algorithm::kAuto) RefuseChoice(spec, call, group, config);
  return best;
}

}  // namespace

bool IsPlanned(const CollectiveSpec& spec) {
  if (spec.rank_count < 2) return false;
  if (spec.type == CollectiveType::kBarrier) return true;
  if (spec.size_bytes == 0) return false;
  return spec.type == CollectiveType::kAllReduce || IsGather(spec.type) ||
         spec.type == CollectiveType::kBroadcast || spec.type == CollectiveType::kReduce;
}

namespace {

// A library without a barrier is asked for an all_reduce of one float, as by PyTorch
// (torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp, barrier()).
CollectiveSpec LibraryCallOf(const CollectiveSpec& spec) {
  if (spec.type != CollectiveType::kBarrier) return spec;
  CollectiveSpec call = spec;
  call.type = CollectiveType::kAllReduce;
  call.size_bytes = sizeof(float);
  return call;
}

void FillPlan(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
              ChannelPlan& plan) {
  if (call.type == CollectiveType::kBroadcast || call.type == CollectiveType::kReduce) {
    PlanChain(call, group, config, plan);
  } else if (plan.spec.algorithm == Algorithm::kTree) {
    PlanTree(call, group, config, plan);
  } else if (plan.spec.algorithm == Algorithm::kInNetwork) {
    PlanInNetwork(call, config, plan);
  } else if (plan.spec.algorithm != Algorithm::kRing) {
    PlanNvls(call, group, config, plan);
  } else {
    PlanRing(call, group, config, plan);
  }
}

}  // namespace

ChannelPlan MakeLibraryPlan(const CollectiveSpec& requested, const GroupFacts& group,
                            const LibraryConfig& unlimited) {
  LibraryConfig config = unlimited;
  const FabricCosts& fabric = config.parameters.fabric;
  config.parameters.gpu =
      WithChannels(RatesFor(config.parameters.gpu, requested.size_bytes), config.channels);
  if (group.node_count > 1) {
    config.parameters.gpu =
        WithChannels(config.parameters.gpu, static_cast<uint32_t>(fabric.channels));
  }
  const CollectiveSpec spec = LibraryCallOf(requested);
  LibraryCall call;
  call.type = spec.type;
  call.rank_count = spec.rank_count;
  call.node_count = group.node_count;
  call.size_bytes = spec.size_bytes;
  call.nic_rate = config.nic_rate * group.nics_per_node;
  const LibraryChoice choice = Choose(spec, call, group, config);
  ChannelPlan plan;
  plan.spec = spec;
  plan.spec.algorithm = choice.algorithm;
  plan.protocol = choice.protocol;
  plan.channels = choice.channels;
  plan.kernel_us = choice.kernel_us;
  plan.spec.local_size = spec.rank_count / group.node_count;
  plan.bundles = group.node_count > 1 ? group.nics_per_node : group.local_rings;
  FillPlan(call, group, config, plan);
  const LaunchCosts& launch = config.parameters.launch;
  if (config.style == LaunchStyle::kSynchronized) {
    plan.launch_ps += PsOfUs(launch.synchronized_us);
  } else {
    plan.floor_ps = PsOfUs(WithLaunch(0, plan.channels, config.style, launch));
  }
  plan.model_us = WithLaunch(plan.kernel_us, plan.channels, config.style, launch);
  if (group.node_count > 1) {
    plan.floor_ps = std::max(plan.floor_ps, PsOfUs(fabric.floor_us));
    plan.model_us = std::max(plan.model_us, fabric.floor_us);
  }
  return plan;
}

}  // namespace ddlsim
