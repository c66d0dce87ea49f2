// SPDX-License-Identifier: GPL-2.0-only
#include "library/peer-plan.h"

#include <algorithm>
#include <memory>
#include <string>

#include "base/input-error.h"
#include "base/rounding.h"
#include "library/plan-parts.h"

namespace ddlsim {
namespace {

// One rank's messages one way.
struct Load {
  double messages = 0, network_messages = 0;
  double scale_up_bytes = 0, network_bytes = 0;
  uint64_t largest_bytes = 0;

  void Add(uint64_t size_bytes, bool is_scale_up) {
    ++messages;
    if (!is_scale_up) ++network_messages;
    (is_scale_up ? scale_up_bytes : network_bytes) += static_cast<double>(size_bytes);
    if (is_scale_up) largest_bytes = std::max(largest_bytes, size_bytes);
  }
};

// From the launch to the last byte. Messages begin one after the other; of what they share each
// gets as much as any other. A receiver copies what has come once all have begun.
double LoadPs(const Load& load, const PeerCosts& costs, bool is_received, double network_ps) {
  const double begins_ps = (load.messages - 1) * static_cast<double>(costs.message_ps);
  double up_ps = 0, out_ps = 0;
  if (load.scale_up_bytes > 0) {
    const double messages = load.messages - load.network_messages;
    const double copy_ps = load.scale_up_bytes * costs.scale_up_ps_per_byte;
    const double large_ps =
        load.largest_bytes > costs.small_bytes ? static_cast<double>(costs.large_ps) : 0;
    up_ps = is_received ? std::max(begins_ps, large_ps) + copy_ps
                        : large_ps + std::max(copy_ps, begins_ps + copy_ps / messages);
  }
  if (load.network_bytes > 0) {
    const double one_ps =
        load.network_bytes / load.network_messages * costs.network_peer_ps_per_byte;
    const double shared_ps = load.network_bytes * costs.network_ps_per_byte;
    out_ps = is_received ? std::max(begins_ps, network_ps + std::max(shared_ps, one_ps))
                         : network_ps + std::max(shared_ps, begins_ps + one_ps);
  }
  return std::max(up_ps, out_ps);
}

struct RankLoads {
  Load sent, received;
};

RankLoads LoadsOf(const Schedule& schedule, uint32_t rank, uint32_t local_size) {
  RankLoads loads;
  StepActions actions;
  if (schedule.StepCount() == 0) return loads;
  schedule.Step(rank, 0, actions);
  for (const SendAction& send : actions.sends) {
    loads.sent.Add(send.size_bytes, send.peer / local_size == rank / local_size);
  }
  for (const ReceiveAction& receive : actions.receives) {
    loads.received.Add(receive.size_bytes, receive.peer / local_size == rank / local_size);
  }
  return loads;
}

bool IsAlike(const CollectiveSpec& spec) {
  return spec.type == CollectiveType::kAllToAll && spec.pair_bytes == nullptr &&
         !spec.is_send_receive;
}

}  // namespace

uint64_t PeerCosts::ReadyPs(uint32_t index, bool is_scale_up, uint64_t size_bytes) const {
  uint64_t ready_ps = index * message_ps;
  if (!is_scale_up) {
    ready_ps += post_ps;
  } else if (size_bytes > small_bytes) {
    ready_ps += large_ps;
  }
  const double copy_ps_per_byte = is_scale_up ? scale_up_ps_per_byte : network_peer_ps_per_byte;
  const double wire_ps_per_byte =
      is_scale_up ? scale_up_wire_ps_per_byte : network_wire_ps_per_byte;
  const auto bytes = static_cast<double>(std::min(size_bytes, PieceBytes(is_scale_up)));
  const double before_ps = bytes * std::max(0.0, copy_ps_per_byte - wire_ps_per_byte);
  return ready_ps + Rounded(before_ps);
}

PeerCosts MakePeerCosts(const LibraryConfig& config, double nic_share) {
  const LibraryParameters& parameters = config.parameters;
  const GpuRates gpu = WithChannels(parameters.gpu, config.channels);
  PeerCosts costs;
  costs.launch_ps = PsOfUs(parameters.peer_base_us - config.scale_up_latency_us);
  if (config.style == LaunchStyle::kSynchronized) {
    costs.launch_ps += PsOfUs(parameters.launch.synchronized_us);
  }
  costs.message_ps = PsOfUs(parameters.peer_extra_us);
  costs.small_bytes = static_cast<uint64_t>(parameters.peer_small_bytes);
  costs.large_ps = PsOfUs(parameters.peer_simple_us - parameters.peer_base_us);
  costs.post_ps = PsOfUs(parameters.fabric.step_scale * parameters.peer_network_us +
                         config.scale_up_latency_us - config.network_latency_us);
  costs.scale_up_ps_per_byte = kPsPerByte / gpu.ring_rate;
  costs.scale_up_wire_ps_per_byte = config.scale_up_wire_ps_per_byte;
  if (config.nic_rate > 0) {
    const double rate = parameters.fabric.ring_share * config.nic_rate * nic_share;
    const double peer_rate = parameters.single_peer_network_share * config.nic_rate;
    costs.network_ps_per_byte = kPsPerByte / rate;
    costs.network_peer_ps_per_byte = kPsPerByte / std::min(rate, peer_rate);
    costs.network_wire_ps_per_byte = kPsPerByte / config.nic_rate;
  }
  costs.scale_up_piece_bytes = static_cast<uint64_t>(parameters.peer_chunk_bytes);
  costs.network_piece_bytes = static_cast<uint64_t>(parameters.peer_network_chunk_bytes);
  return costs;
}

bool IsPeerPlanned(const CollectiveSpec& spec) {
  if (spec.rank_count < 2 || spec.size_bytes == 0) return false;
  return spec.type == CollectiveType::kAllToAll || spec.type == CollectiveType::kGather ||
         spec.type == CollectiveType::kScatter;
}

PeerPlan MakePeerPlan(const CollectiveSpec& spec, const GroupFacts& group,
                      const LibraryConfig& config) {
  if (spec.algorithm != Algorithm::kAuto && spec.algorithm != Algorithm::kDirect) {
    throw InputError("--algo",
                     std::string("the library does not run ") + CollectiveName(spec.type) + " by " +
                         AlgorithmName(spec.algorithm),
                     "leave --algo to auto, or use --library=none");
  }
  PeerPlan plan;
  plan.spec = spec;
  plan.spec.algorithm = Algorithm::kDirect;
  const uint32_t local_size = spec.rank_count / group.node_count;
  // A root's messages have a NIC for themselves, those of all_to_all share it.
  const double nic_share =
      spec.type != CollectiveType::kAllToAll || spec.is_send_receive
          ? 1
          : std::min(1.0, static_cast<double>(group.nics_per_node) / local_size);
  plan.costs = MakePeerCosts(config, nic_share);
  const auto schedule = MakeSchedule(plan.spec);
  const double network_ps =
      config.parameters.fabric.step_scale * config.parameters.peer_network_us * kPsPerUs;
  double longest_ps = 0;
  uint64_t largest_bytes = 0;
  for (uint32_t rank = 0; rank < (IsAlike(spec) ? 1 : spec.rank_count); ++rank) {
    const RankLoads loads = LoadsOf(*schedule, rank, local_size);
    longest_ps = std::max({longest_ps, LoadPs(loads.sent, plan.costs, false, network_ps),
                           LoadPs(loads.received, plan.costs, true, network_ps)});
    largest_bytes = std::max(largest_bytes, loads.sent.largest_bytes);
  }
  plan.protocol = largest_bytes > plan.costs.small_bytes ? Protocol::kSimple : Protocol::kLl;
  const GpuRates gpu = WithChannels(config.parameters.gpu, config.channels);
  plan.channels = static_cast<uint32_t>(gpu.channels);
  const LaunchCosts& launch = config.parameters.launch;
  if (config.style != LaunchStyle::kSynchronized) {
    plan.floor_ps = PsOfUs(WithLaunch(0, plan.channels, config.style, launch));
  }
  plan.model_us = WithLaunch(config.parameters.peer_base_us + longest_ps / kPsPerUs, plan.channels,
                             config.style, launch);
  return plan;
}

}  // namespace ddlsim
