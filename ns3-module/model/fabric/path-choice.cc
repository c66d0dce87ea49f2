// SPDX-License-Identifier: GPL-2.0-only
//
// Load balancing beyond a path per flow.
#include "fabric/fabric.h"
#include "fabric/random.h"

namespace ddlsim {
namespace {

// As good as random, and a function of the packet alone (invariant 6).
uint32_t PacketHash(const Frame& frame) {
  return static_cast<uint32_t>(CombineKeys(
      frame.flow_hash, uint64_t{frame.transmission} << 3 | static_cast<uint64_t>(frame.type)));
}

}  // namespace

uint32_t Fabric::ChoosePath(const Switch& sw, const Frame& frame) {
  const uint32_t packet_hash = PacketHash(frame);
  if (m_config.routing == Routing::kSpray) return Route(sw, frame.dst_host, packet_hash);
  if (m_config.routing == Routing::kFlowlet) {
    FlowletTable::Slot& slot = m_flowlets.At(frame.node, frame.flow_hash);
    if (!slot.is_used || m_now_ps - slot.last_ps > m_config.flowlet_gap_ps) slot.path = packet_hash;
    slot.is_used = true;
    slot.last_ps = m_now_ps;
    return Route(sw, frame.dst_host, slot.path);
  }
  const RouteEntry& entry = RouteTo(sw, frame.dst_host);
  if (entry.count == 0) return kNoPort;
  // Among equals, the first from a place that differs from packet to packet.
  const uint32_t begin = static_cast<uint32_t>((uint64_t{packet_hash} * entry.count) >> 32);
  uint32_t best = kNoPort;
  uint64_t best_bytes = UINT64_MAX;
  for (uint32_t i = 0; i < entry.count; ++i) {
    const uint32_t place = entry.first + (begin + i) % entry.count;
    const uint32_t port = entry.is_list != 0 ? m_routes.port_lists[place] : place;
    const uint64_t queued_bytes = QueuedBytes(port);
    if (queued_bytes >= best_bytes) continue;
    best_bytes = queued_bytes;
    best = port;
  }
  return best;
}

}  // namespace ddlsim
