// SPDX-License-Identifier: GPL-2.0-only
//
// Trees, and what reduces in switches.
#include <algorithm>

#include "library/plan-parts.h"

namespace ddlsim {
namespace {

constexpr uint64_t kRoundLeastBytes = 256;
// Through switches that reduce: small against any pipeline, large against a packet.
constexpr uint64_t kSwitchRoundBytes = 64u << 10;
constexpr uint32_t kSwitchPosts = 256;

}  // namespace

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
  plan.launch_ps = PsOfUs(ring.base_us + (is_multi ? parameters.fabric.offset_us : 0));
  plan.scale_up_ps_per_byte = plan.posted_ps_per_byte = kPsPerByte / lane_rate;
  if (is_multi) plan.network_ps_per_byte = kPsPerByte * plan.bundles / network_rate;
  const double saving_us = StepSavingUs(call, plan.protocol, false, parameters);
  plan.scale_up_post_ps =
      std::max<uint64_t>(1, PsOfUs(costs.step_us - saving_us - config.scale_up_latency_us));
  plan.post_ps = PsOfUs(parameters.fabric.step_scale * costs.network_step_us - saving_us -
                        config.network_latency_us);
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
  plan.launch_ps = PsOfUs(parameters.nvls_base_us + (is_multi ? parameters.fabric.offset_us : 0));
  double fill = parameters.nvls_loops;
  if (is_multi) {
    rate *= parameters.nvls_tree_share;
    plan.network_ps_per_byte = local * kPsPerByte / (parameters.fabric.tree_share * call.nic_rate);
    plan.post_ps = PsOfUs(parameters.fabric.step_scale * parameters.nvls_tree_step_us -
                          config.network_latency_us);
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
void PlanInNetwork(const LibraryCall& call, const LibraryConfig& config, ChannelPlan& plan) {
  const LibraryParameters& parameters = config.parameters;
  const double lane_rate = InNetworkRate(call, parameters) / plan.bundles;
  plan.round_bytes = kSwitchRoundBytes;
  plan.launch_ps = PsOfUs(parameters.nvls_base_us);
  plan.post_ps = PsOfUs(parameters.nvls_tree_step_us - config.network_latency_us);
  plan.posts_max = kSwitchPosts;
  plan.scale_up_ps_per_byte = plan.posted_ps_per_byte = kPsPerByte / lane_rate;
  plan.scale_up_post_ps = 1;
  plan.receive_share = 0;
}

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

}  // namespace ddlsim
