// SPDX-License-Identifier: GPL-2.0-only
//
// The bound that the engine states beside a collective's time.
#include <algorithm>

#include "endpoint/collective-engine.h"
#include "endpoint/network-bound.h"

namespace ddlsim {

uint64_t CollectiveEngine::Bound(const CollectiveOperation& operation) const {
  const Communicator& group = m_communicators.At(operation.communicator);
  const GroupDomains domains(m_ranks, group.members);
  const bool has_up = domains.HasScaleUp() && m_config.scale_up_rate_bps > 0;
  const bool has_out = !has_up || domains.HasScaleOut();
  const uint64_t port_ps = PortBound(operation, has_up, has_out);
  if (port_ps == 0 || !has_up || !has_out) return port_ps;
  return std::max(
      {port_ps, NetworkBoundPs(operation.spec, domains, m_config), RingBound(operation)});
}

// A rank's own links bound what it sends and receives. In a group that is partly on scale-up
// networks, any message may have the better of both, and a rank sends and receives by both.
uint64_t CollectiveEngine::PortBound(const CollectiveOperation& operation, bool has_up,
                                     bool has_out) const {
  uint64_t rate_bps = 0, latency_ps = UINT64_MAX;
  double wire_factor = 1;
  if (has_out) {
    rate_bps = m_config.bound_rate_bps;
    latency_ps = m_config.bound_latency_ps;
    wire_factor = m_config.bound_wire_factor;
  }
  if (has_up) {
    // Both at once: a root gathers from its own host and from others.
    rate_bps = rate_bps * m_ranks.NicsOfRank() + m_config.scale_up_rate_bps;
    latency_ps = std::min(latency_ps, m_config.scale_up_latency_ps);
    wire_factor = has_out ? std::min(wire_factor, m_config.scale_up_wire_factor)
                          : m_config.scale_up_wire_factor;
  }
  if (rate_bps == 0) return 0;
  if (operation.spec.algorithm == Algorithm::kFile) {
    return PortBoundPs(*operation.schedule, operation.spec.rank_count, rate_bps, latency_ps,
                       wire_factor);
  }
  // A library cuts messages to pieces, which pass on as they come.
  const auto bound = operation.run != nullptr ? PipelinedBoundPs : BoundPs;
  return bound(operation.spec, rate_bps, latency_ps, wire_factor);
}

// Over several domains. Where each rank has one successor, some rank sends all that it sends to
// another host; a library has as many such rings as a host has NICs.
uint64_t CollectiveEngine::RingBound(const CollectiveOperation& operation) const {
  const CollectiveType type = operation.spec.type;
  const bool is_ring = operation.spec.algorithm == Algorithm::kRing &&
                       (type == CollectiveType::kAllReduce || type == CollectiveType::kAllGather ||
                        type == CollectiveType::kReduceScatter);
  if (!is_ring) return 0;
  const uint64_t rings =
      operation.run == nullptr ? 1 : LayoutOf(operation.communicator).NicsPerNode();
  return BoundPs(operation.spec, rings * m_config.bound_rate_bps, 0, m_config.bound_wire_factor);
}

}  // namespace ddlsim
