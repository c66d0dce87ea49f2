// SPDX-License-Identifier: MIT
#include "workload-gen/estimate/network-estimate.h"

#include <algorithm>
#include <limits>

#include "base/input-error.h"
#include "base/rounding.h"
#include "hardware/library-preset.h"

namespace ddlsim {
namespace {

// Payload and frame of RoCEv2 on the wire, with preamble and gap.
constexpr double kPayloadBytes = 4096;
constexpr double kFrameBytes = 4178;

// What NCCL plans with: launch, step within a node and between nodes in ns, and the share of the
// rate that is left beside flags (github:NVIDIA/nccl@5067397, src/graph/tuning.cc).
struct Protocol {
  double base_ns;
  double step_ns;
  double network_step_ns;
  double tree_step_ns;
  double tree_network_step_ns;
  double rate_share;
};
constexpr Protocol kProtocols[] = {{6600, 600, 2700, 600, 5000, 0.5},
                                   {14000, 1900, 4000, 1250, 8500, 0.92},
                                   {8400, 3400, 14000, 4000, 14000, 1}};

double ScaleUpRate(const Host& host) {
  const ScaleUp& scale_up = host.scale_up;
  const double share = static_cast<double>(scale_up.framing.packet_bytes) /
                       (scale_up.framing.packet_bytes + scale_up.framing.overhead_bytes);
  double ports = 1;
  if (scale_up.kind == ScaleUpKind::kMesh) {
    ports = 0;
    for (const GpuLink& link : scale_up.links) {
      if (link.a == 0 || link.b == 0) ports += link.bricks;
    }
  }
  return ports * share * static_cast<double>(scale_up.rate_bps) / 8e9;
}

double Fact(const Host& host, const char* name, double otherwise) {
  for (const std::string& library : host.libraries) {
    for (const LibraryFact& fact : LoadLibraryPreset(library, "--hardware").facts) {
      if (fact.name == name) otherwise = fact.value;  // later presets win
    }
  }
  return otherwise;
}

double Steps(CollectiveType type, double ranks) {
  return type == CollectiveType::kAllReduce || type == CollectiveType::kBarrier ? 2 * (ranks - 1)
                                                                                : ranks - 1;
}

double Logarithm(uint32_t ranks) {
  double steps = 0;
  for (uint32_t reached = 1; reached < ranks; reached *= 2) ++steps;
  return steps;
}

}  // namespace

NetworkEstimate::NetworkEstimate(const Host& host, uint32_t ranks_per_host,
                                 const std::vector<GroupAxis>& axes)
    : m_has_library(!host.libraries.empty()),
      m_pair_link(SlowestPairLink(host)),
      m_domain_gpus(host.DomainGpuCount() / host.gpu_count * ranks_per_host),
      m_scale_up_rate(ScaleUpRate(host)),
      m_scale_up_latency_ns(static_cast<double>(host.scale_up.latency_ps) / 1000),
      m_nic_rate(Fact(host, "fabric_ring_share", 1) * kPayloadBytes / kFrameBytes *
                 static_cast<double>(host.NicFeedBps()) * host.nic_count / (8e9 * host.gpu_count)),
      m_ring_rate(Fact(host, "ring_rate_gbytes_per_s", 0)) {
  if (host.scale_up.kind == ScaleUpKind::kNone && host.gpu_count > 1) {
    throw InputError("--hardware", "'" + host.name + "' has no network among its GPUs",
                     "choose hosts with one");
  }
  for (const GroupAxis& axis : axes) {
    Group group;
    group.ranks = axis.groups.front();
    std::map<uint32_t, uint32_t> members;
    for (uint32_t rank : group.ranks) ++members[DomainOf(rank)];
    group.domains = static_cast<uint32_t>(members.size());
    for (const auto& [domain, count] : members) {
      group.ranks_per_domain = std::max(group.ranks_per_domain, count);
    }
    m_groups[axis.name] = std::move(group);
  }
  CheckFormulas(host);
}

void NetworkEstimate::CheckFormulas(const Host& host) const {
  for (const auto& [axis, group] : m_groups) {
    const bool is_plain_mesh = m_pair_link.rate > 0 && group.domains == 1;
    if (m_has_library || group.ranks.size() < 2 || is_plain_mesh) continue;
    throw InputError("--estimate",
                     "no costs of a communication library are known for '" + host.name +
                         "', which the formulas for the groups of '" + axis + "' are made of",
                     "simulate it (ddl-scenario --model), or choose a host that names libraries");
  }
}

double NetworkEstimate::RingRate(const Group& group) const {
  double rate = m_scale_up_rate;
  if (m_ring_rate > 0) rate = std::min(rate, m_ring_rate);
  if (group.domains == 1) return rate;
  // Each rank of a host brings its NIC, and the ring passes through all of them.
  const double network = m_nic_rate * group.ranks_per_domain;
  return group.ranks_per_domain == 1 ? network : std::min(rate, network);
}

ExchangeEstimate NetworkEstimate::Collective(CollectiveType type, uint64_t size_bytes,
                                             const std::string& axis) const {
  const Group& group = m_groups.at(axis);
  const auto ranks = static_cast<double>(group.ranks.size());
  const auto size = static_cast<double>(size_bytes);
  const double rate = RingRate(group), steps = Steps(type, ranks);
  if (!m_has_library && group.ranks.size() > 1) {
    const auto members = static_cast<uint32_t>(group.ranks.size());
    const PlainExchange exchange = PlainCollective(type, size_bytes, members, m_pair_link);
    return Shared(exchange.duration_ns, exchange.sent_bytes, 0);
  }
  const double network_steps = group.domains == 1 ? 0 : steps * group.domains / ranks;
  const double moved = size * steps / ranks;
  double best = std::numeric_limits<double>::max();
  for (const Protocol& protocol : kProtocols) {
    const double moved_ns = moved / (rate * protocol.rate_share);
    best = std::min(best, protocol.base_ns + (steps - network_steps) * protocol.step_ns +
                              network_steps * protocol.network_step_ns + moved_ns);
    if (type != CollectiveType::kAllReduce) continue;
    const double depth = 2 * ((group.ranks_per_domain - 1) * protocol.tree_step_ns +
                              Logarithm(group.domains) * protocol.tree_network_step_ns);
    best = std::min(best, protocol.base_ns + depth + moved_ns);
  }
  if (type == CollectiveType::kAllToAll) {
    // Straight to each peer: what stays in the host and what leaves it go side by side.
    const double inside = size * (group.ranks_per_domain - 1.0) / ranks;
    const double outside = group.domains == 1 ? 0 : size * (ranks - group.ranks_per_domain) / ranks;
    best = kProtocols[2].base_ns +
           std::max(inside / m_scale_up_rate,
                    outside > 0 ? outside / m_nic_rate + kProtocols[2].network_step_ns : 0.0);
    return Shared(best, inside, outside);
  }
  // Between hosts the ring passes through one NIC of each rank in turn.
  return Shared(best, group.ranks_per_domain > 1 ? moved : 0,
                group.domains > 1 ? moved / group.ranks_per_domain : 0);
}

ExchangeEstimate NetworkEstimate::Shared(double duration_ns, double scale_up_bytes,
                                         double nic_bytes) const {
  const auto share = [duration_ns](double bytes, double rate) {
    return bytes > 0 ? std::min(1.0, bytes / rate / duration_ns) : 0.0;
  };
  return {Rounded(duration_ns), share(scale_up_bytes, m_scale_up_rate),
          share(nic_bytes, m_nic_rate)};
}

ExchangeEstimate NetworkEstimate::Message(uint64_t size_bytes, const std::string& axis,
                                          uint32_t index, uint32_t offset) const {
  const std::vector<uint32_t>& ranks = m_groups.at(axis).ranks;
  const uint32_t from = ranks.at(index), to = ranks.at((index + offset) % ranks.size());
  const bool is_inside = DomainOf(from) == DomainOf(to);
  if (!m_has_library && is_inside) return Copy(size_bytes, axis, offset);
  const Protocol& simple = kProtocols[2];
  const double rate = is_inside ? m_scale_up_rate : m_nic_rate;
  const auto size = static_cast<double>(size_bytes);
  return Shared(
      simple.base_ns + (is_inside ? simple.step_ns : simple.network_step_ns) + size / rate,
      is_inside ? size : 0, is_inside ? 0 : size);
}

ExchangeEstimate NetworkEstimate::Copy(uint64_t size_bytes, const std::string& axis,
                                       uint32_t offset) const {
  const std::vector<uint32_t>& ranks = m_groups.at(axis).ranks;
  if (DomainOf(ranks.front()) != DomainOf(ranks.at(offset % ranks.size()))) {
    return Message(size_bytes, axis, 0, offset);
  }
  const auto size = static_cast<double>(size_bytes);
  const double rate = m_has_library ? m_scale_up_rate : m_pair_link.rate;
  return Shared(m_scale_up_latency_ns + size / rate, size, 0);
}

}  // namespace ddlsim
