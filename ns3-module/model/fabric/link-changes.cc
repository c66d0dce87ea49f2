// SPDX-License-Identifier: GPL-2.0-only
//
// Links that fail and come back. What is on the wire of a dead link is lost; routes learn of it
// when the convergence delay has passed.
#include <algorithm>

#include "fabric/fabric.h"

namespace ddlsim {

void Fabric::PlanLinkChange(uint32_t port, uint64_t time_ps, bool is_up) {
  if (m_link_changes.empty()) m_intact_routes = m_routes;
  const uint32_t index = static_cast<uint32_t>(m_link_changes.size());
  m_link_changes.push_back({port, is_up});
  Schedule(time_ps, EventClass::kOutside, index, kLinkChanges);
  Schedule(time_ps + m_config.convergence_delay_ps, EventClass::kOutside, index, kRoutesConverge);
}

void Fabric::OnOutside(uint32_t fact, uint32_t ref) {
  const LinkChange& change = m_link_changes[fact];
  if (ref == kRoutesConverge) {
    // As the links are now: a change of theirs that is still to be learnt of comes with its own.
    BuildRoutingTables();
    return;
  }
  for (const uint32_t port : {change.port, m_details[change.port].reverse}) {
    PortDetail& detail = m_details[port];
    if (change.is_up == !detail.is_down) continue;
    detail.is_down = !change.is_up;
    (change.is_up ? detail.up_ps : detail.down_ps) = m_now_ps;
    m_ports[port].has_loss = detail.is_down || detail.loss_threshold != 0;
  }
}

// Whether a frame that arrives now was on the wire while the link was dead.
bool Fabric::WasCut(uint32_t port, uint32_t size_bytes) const {
  const PortDetail& detail = m_details[port];
  if (detail.is_down) return true;
  if (detail.up_ps == 0) return false;
  const uint64_t way_ps =
      m_ports[port].delay_ps + SerializationPs(size_bytes + kWireOverheadBytes, detail.rate_bps);
  return m_now_ps - std::min(m_now_ps, way_ps) < detail.up_ps;
}

void Fabric::BuildRoutingTables() {
  std::vector<DirectedLink> directed;
  directed.reserve(m_details.size());
  for (const PortDetail& detail : m_details) {
    directed.push_back({detail.from, detail.to, detail.is_down});
  }
  m_routes = BuildRoutes(HostCount(), static_cast<uint32_t>(m_graph.Nodes().size()), directed);
  for (size_t i = 0; i < m_switches.size(); ++i) m_switches[i].routes = m_routes.switches[i];
}

}  // namespace ddlsim
