// SPDX-License-Identifier: GPL-2.0-only
#include "library/library-plan.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr double kPsPerUs = 1e6;
constexpr double kPsPerByte = 1e3;   // at 1 GB/s
constexpr double kBytesPerUs = 1e3;  // the same
constexpr uint64_t kRoundLeastBytes = 256;
// Through switches that reduce: small against any pipeline, large against a packet.
constexpr uint64_t kSwitchRoundBytes = 64u << 10;
constexpr uint32_t kSwitchPosts = 256;

uint64_t Ps(double us) {
  return us <= 0 ? 0 : static_cast<uint64_t>(us * kPsPerUs + 0.5);
}

bool IsGather(CollectiveType type) {
  return type == CollectiveType::kAllGather || type == CollectiveType::kReduceScatter;
}

// Whether the simulated hosts can run it.
bool IsRunnable(Algorithm algorithm, const GroupFacts& group) {
  if (algorithm == Algorithm::kNvls || algorithm == Algorithm::kNvlsTree) return group.has_engines;
  if (algorithm == Algorithm::kInNetwork) return group.has_switch_engines;
  return algorithm == Algorithm::kRing || algorithm == Algorithm::kTree;
}

// The library calls its double binary tree a tree.
Algorithm LibraryName(Algorithm algorithm) {
  return algorithm == Algorithm::kDoubleBinaryTree ? Algorithm::kTree : algorithm;
}

LibraryChoice Choose(const CollectiveSpec& spec, const LibraryCall& call, const GroupFacts& group,
                     const LibraryConfig& config) {
  LibraryChoice best;
  for (const LibraryChoice& choice : LibraryCandidates(call, config.parameters)) {
    if (!IsRunnable(choice.algorithm, group)) continue;
    if (spec.algorithm != Algorithm::kAuto && LibraryName(spec.algorithm) != choice.algorithm) {
      continue;
    }
    if (config.protocol != Protocol::kAuto && config.protocol != choice.protocol) continue;
    if (best.algorithm == Algorithm::kAuto || choice.kernel_us < best.kernel_us) best = choice;
  }
  if (best.algorithm == Algorithm::kAuto) {
    throw InputError("--algo",
                     std::string("the library does not run ") + CollectiveName(spec.type) + " by " +
                         AlgorithmName(spec.algorithm) + " with protocol " +
                         ProtocolName(config.protocol) + " on this group",
                     "leave --algo and --proto to auto, or use --library=none");
  }
  return best;
}

// The rate of the copies behind a rate that is known of many rounds of a ring: under Simple each
// round synchronises in every step and ends with a step in which slices are received and not sent
// on, so that the copies themselves are that much faster. `steps`: of the ring.
double CopyRate(Protocol protocol, double rate, double steps, const LibraryParameters& parameters) {
  if (protocol != Protocol::kSimple) return rate;
  const ProtocolCosts& costs = parameters.ring[static_cast<size_t>(protocol)];
  const double chunk_bytes = parameters.gpu.channels * costs.chunk_bytes;
  const double step_us = chunk_bytes / (rate * kBytesPerUs) * steps / (steps + costs.fill);
  // No more than half of a step for synchronisation, whatever the parameters.
  return chunk_bytes / (std::max(step_us - costs.step_us, step_us / 2) * kBytesPerUs);
}

// Of all channels within a node, GB/s: the rings' rate is what eight GPUs reach in an all_reduce.
double ScaleUpRate(Protocol protocol, const LibraryParameters& parameters) {
  const GpuRates& gpu = parameters.gpu;
  if (protocol == Protocol::kLl) return std::min(gpu.ll_cap, gpu.ring_rate / 2);
  if (protocol == Protocol::kLl128) return gpu.ll128_share * gpu.ring_rate;
  return CopyRate(protocol, gpu.ring_rate, 2 * (8 - 1), parameters);
}

// The same to and from NICs: a channel goes no faster than what takes its data.
double NetworkRate(const LibraryCall& call, Protocol protocol,
                   const LibraryParameters& parameters) {
  double rate = parameters.fabric.ring_share * call.nic_rate;
  if (protocol == Protocol::kLl) return std::min(rate / 2, parameters.fabric.ll_cap);
  if (IsGather(call.type)) rate *= parameters.gather_factor;
  if (protocol == Protocol::kLl128) rate *= 15.0 / 16;
  const double rounds = call.type == CollectiveType::kAllReduce ? 2 : 1;
  return CopyRate(protocol, rate, rounds * (call.rank_count - 1), parameters);
}

void PlanRing(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
              ChannelPlan& plan) {
  const LibraryParameters& parameters = config.parameters;
  const ProtocolCosts& costs = parameters.ring[static_cast<size_t>(plan.protocol)];
  const bool is_multi = group.node_count > 1;
  const double bundles = plan.bundles;
  const double copy_rate = ScaleUpRate(plan.protocol, parameters);
  const double step_us = is_multi ? std::max(costs.step_us, costs.step_floor_us) : costs.step_us;
  plan.round_bytes =
      std::max<uint64_t>(1, static_cast<uint64_t>(call.rank_count * parameters.gpu.channels *
                                                  costs.chunk_bytes / bundles));
  plan.slices = static_cast<uint32_t>(costs.slices);
  // The channels of a NIC take turns at it, so that one copies while another's data is on the wire.
  if (is_multi) {
    plan.slices = std::max(plan.slices, static_cast<uint32_t>(std::ceil(plan.channels / bundles)));
  }
  plan.wire_factor = costs.wire_factor;
  plan.launch_ps = Ps(costs.base_us + (is_multi ? parameters.fabric.offset_us : 0));
  // A lone slice waits for its wire; several hide it behind each other.
  plan.slice_ps =
      Ps(plan.slices > 1 ? step_us / plan.slices : step_us - config.scale_up_latency_us);
  plan.scale_up_ps_per_byte = kPsPerByte * bundles / copy_rate;
  plan.wire_ps_per_byte = config.scale_up_wire_ps_per_byte;
  if (is_multi) {
    plan.posted_ps_per_byte =
        kPsPerByte * bundles / std::min(copy_rate, NetworkRate(call, plan.protocol, parameters));
  }
  plan.streams = plan.protocol != Protocol::kSimple;
  plan.post_ps = Ps(parameters.fabric.step_scale * costs.network_step_us - step_us -
                    config.network_latency_us);
  plan.receive_share = costs.fill;
}

void PlanChain(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
               ChannelPlan& plan) {
  PlanRing(call, group, config, plan);
  const LibraryParameters& parameters = config.parameters;
  const double chunk_bytes = parameters.broadcast_fill *
                             std::min(static_cast<double>(call.size_bytes),
                                      parameters.gpu.channels * parameters.broadcast_chunk_bytes);
  // The schedule cuts a round into as many blocks as there are ranks.
  plan.round_bytes =
      std::max<uint64_t>(1, call.rank_count * static_cast<uint64_t>(chunk_bytes) / plan.bundles);
  plan.slices = 1;
  if (plan.protocol == Protocol::kSimple) {
    plan.scale_up_ps_per_byte = kPsPerByte * plan.bundles / parameters.gpu.ring_rate;
  }
  if (group.node_count == 1) plan.posted_ps_per_byte = plan.scale_up_ps_per_byte;
  const double step_us = parameters.ring[static_cast<size_t>(plan.protocol)].step_us;
  plan.scale_up_post_ps = std::max<uint64_t>(1, Ps(step_us - config.scale_up_latency_us));
  plan.posts_max = 64;
  plan.slice_ps = 0;
  plan.receive_share = 0;
}

// Trees pass rounds on as they come: what a step costs is latency, not occupancy.
void PlanTree(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
              ChannelPlan& plan) {
  const LibraryParameters& parameters = config.parameters;
  const ProtocolCosts& ring = parameters.ring[static_cast<size_t>(plan.protocol)];
  const TreeCosts& costs = parameters.tree[static_cast<size_t>(plan.protocol)];
  const bool is_multi = group.node_count > 1;
  plan.spec.algorithm = Algorithm::kDoubleBinaryTree;
  double rate = parameters.tree_rate_share * parameters.gpu.ring_rate *
                (is_multi ? costs.rate_factor : costs.rate_factor_one_node);
  if (plan.protocol == Protocol::kLl) rate = std::min(rate, parameters.gpu.ll_cap / 2);
  const double lane_rate = rate / 2 / plan.bundles;  // each of two trees has half of the data
  double network_rate = parameters.fabric.tree_share * call.nic_rate * costs.rate_factor;
  if (plan.protocol == Protocol::kLl) {
    network_rate = std::min(network_rate, parameters.fabric.ll_cap / 2);
  }
  const double round_bytes =
      parameters.tree_fill *
      std::min(static_cast<double>(call.size_bytes), parameters.gpu.channels * costs.chunk_bytes);
  plan.round_bytes =
      std::max<uint64_t>(kRoundLeastBytes, static_cast<uint64_t>(round_bytes) / plan.bundles);
  plan.wire_factor = ring.wire_factor;
  plan.launch_ps = Ps(ring.base_us + (is_multi ? parameters.fabric.offset_us : 0));
  plan.scale_up_ps_per_byte = plan.posted_ps_per_byte = kPsPerByte / lane_rate;
  if (is_multi) plan.network_ps_per_byte = kPsPerByte * plan.bundles / network_rate;
  plan.scale_up_post_ps = std::max<uint64_t>(1, Ps(costs.step_us - config.scale_up_latency_us));
  plan.post_ps =
      Ps(parameters.fabric.step_scale * costs.network_step_us - config.network_latency_us);
  plan.posts_max = 64;
  plan.receive_share = 0;
}

// Four lanes inside a node (to the engine, from it, back to it, to all), of which the two in the
// middle move a share of the data but take as long as the others; then those of the trees.
void PlanNvls(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
              ChannelPlan& plan) {
  const LibraryParameters& parameters = config.parameters;
  const uint32_t local = call.rank_count / group.node_count;
  const bool is_multi = group.node_count > 1;
  plan.bundles = 1;
  double rate = NvlsRate(local, parameters.gpu);
  plan.launch_ps = Ps(parameters.nvls_base_us + (is_multi ? parameters.fabric.offset_us : 0));
  double fill = parameters.nvls_loops;
  if (is_multi) {
    rate *= parameters.nvls_tree_share;
    plan.network_ps_per_byte = local * kPsPerByte / (parameters.fabric.tree_share * call.nic_rate);
    plan.post_ps =
        Ps(parameters.fabric.step_scale * parameters.nvls_tree_step_us - config.network_latency_us);
    plan.posts_max = 64;
    fill = std::max(0.0, fill - 1);  // the trees fill a round, each way half of one
  }
  plan.round_bytes = std::max<uint64_t>(
      1, static_cast<uint64_t>(NvlsLoopBytes(call, local, is_multi, parameters)));
  plan.scale_up_ps_per_byte = plan.posted_ps_per_byte = kPsPerByte / rate;
  const double stage = fill / 3;
  plan.lane_shares = {1, stage * local, stage * local, stage, 1, 1, 1, 1};
}

// Each GPU gathers its share of the node's sums and sends it to the switches: a bundle per NIC. The
// first GPU of a bundle sends the result to all others of its node.
void PlanInNetwork(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
                   ChannelPlan& plan) {
  const LibraryParameters& parameters = config.parameters;
  const uint32_t local = call.rank_count / group.node_count;
  const double lane_rate = InNetworkRate(call, parameters) / plan.bundles;
  plan.round_bytes = kSwitchRoundBytes;
  plan.launch_ps = Ps(parameters.nvls_base_us);
  plan.post_ps = Ps(parameters.nvls_tree_step_us - config.network_latency_us);
  plan.posts_max = kSwitchPosts;
  plan.network_ps_per_byte = kPsPerByte / lane_rate;
  plan.scale_up_ps_per_byte = kPsPerByte / lane_rate / std::max(1u, local - 1);
  plan.scale_up_post_ps = 1;
  plan.receive_share = 0;
}

}  // namespace

ChannelPlan MakePlainPlan(const CollectiveSpec& spec, const GroupFacts& group) {
  ChannelPlan plan;
  plan.spec = spec;
  plan.spec.local_size = spec.rank_count / group.node_count;
  plan.bundles = group.nics_per_node;
  plan.round_bytes = kSwitchRoundBytes;
  plan.posts_max = kSwitchPosts;
  plan.scale_up_post_ps = 1;  // channels do not wait for what they have sent
  plan.receive_share = 0;
  return plan;
}

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
    PlanInNetwork(call, group, config, plan);
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
  config.parameters.gpu = WithChannels(config.parameters.gpu, config.channels);
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
    plan.launch_ps += Ps(launch.synchronized_us);
  } else {
    plan.floor_ps = Ps(WithLaunch(0, plan.channels, config.style, launch));
  }
  plan.model_us = WithLaunch(plan.kernel_us, plan.channels, config.style, launch);
  return plan;
}

}  // namespace ddlsim
