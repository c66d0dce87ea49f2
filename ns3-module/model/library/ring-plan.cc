// SPDX-License-Identifier: GPL-2.0-only
//
// Rings and chains.
#include <algorithm>
#include <cmath>

#include "library/plan-parts.h"

namespace ddlsim {
namespace {

constexpr double kBytesPerUs = 1e3;  // at 1 GB/s

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

// Of all channels within a node, GB/s: the rings' rate is what eight GPUs reach in an all_reduce,
// or as many as there are.
double ScaleUpRate(Protocol protocol, double ranks, const LibraryParameters& parameters) {
  const GpuRates& gpu = parameters.gpu;
  if (protocol == Protocol::kLl) return std::min(gpu.ll_cap, gpu.ring_rate / 2);
  if (protocol == Protocol::kLl128) return gpu.ll128_share * gpu.ring_rate;
  return CopyRate(protocol, gpu.ring_rate, 2 * (std::min(8.0, ranks) - 1), parameters);
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

}  // namespace

void PlanRing(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
              ChannelPlan& plan) {
  const LibraryParameters& parameters = config.parameters;
  const ProtocolCosts& costs = parameters.ring[static_cast<size_t>(plan.protocol)];
  const bool is_multi = group.node_count > 1;
  const double bundles = plan.bundles;
  const double copy_rate = ScaleUpRate(plan.protocol, call.rank_count, parameters);
  const double saving_us = StepSavingUs(call, plan.protocol, true, parameters);
  const double step_us =
      (is_multi ? std::max(costs.step_us, costs.step_floor_us) : costs.step_us) - saving_us;
  plan.round_bytes =
      std::max<uint64_t>(1, static_cast<uint64_t>(call.rank_count * parameters.gpu.channels *
                                                  costs.chunk_bytes / bundles));
  plan.slices = static_cast<uint32_t>(costs.slices);
  // The channels of a NIC take turns at it, so that one copies while another's data is on the wire.
  if (is_multi) {
    plan.slices = std::max(plan.slices, static_cast<uint32_t>(std::ceil(plan.channels / bundles)));
  }
  plan.wire_factor = costs.wire_factor;
  plan.launch_ps = PsOfUs(costs.base_us + (is_multi ? parameters.fabric.offset_us : 0));
  // A lone slice waits for its wire; several hide it behind each other.
  plan.slice_ps =
      PsOfUs(plan.slices > 1 ? step_us / plan.slices : step_us - config.scale_up_latency_us);
  plan.scale_up_ps_per_byte = kPsPerByte * bundles / copy_rate;
  plan.wire_ps_per_byte = config.scale_up_wire_ps_per_byte;
  if (is_multi) {
    plan.posted_ps_per_byte =
        kPsPerByte * bundles / std::min(copy_rate, NetworkRate(call, plan.protocol, parameters));
  }
  plan.streams = plan.protocol != Protocol::kSimple;
  plan.post_ps = PsOfUs(parameters.fabric.step_scale * costs.network_step_us - saving_us - step_us -
                        config.network_latency_us);
  plan.receive_share = costs.fill;
  plan.spread = costs.spread;
  plan.waits_for_link = config.scale_up_has_rings;
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
  const double step_us = parameters.ring[static_cast<size_t>(plan.protocol)].step_us -
                         StepSavingUs(call, plan.protocol, false, parameters);
  plan.scale_up_post_ps = std::max<uint64_t>(1, PsOfUs(step_us - config.scale_up_latency_us));
  plan.posts_max = 64;
  plan.slice_ps = 0;
  plan.receive_share = 0;
  plan.spread = 0;
}

}  // namespace ddlsim
