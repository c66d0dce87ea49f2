// SPDX-License-Identifier: GPL-2.0-only
//
// From the canonical graph to ports, switches and routes; and the questions asked at set-up.
#include <algorithm>
#include <stdexcept>

#include "fabric/fabric.h"
#include "fabric/random.h"

namespace ddlsim {
namespace {

uint64_t ShortestDelayPs(const NetworkGraph& graph) {
  uint64_t delay_ps = kNeverPs;
  for (const GraphLinkInfo& link : graph.Links()) {
    delay_ps = std::min({delay_ps, link.config.delay_ps, link.back.delay_ps});
  }
  return delay_ps == kNeverPs ? 1000 : delay_ps;
}

}  // namespace

Fabric::Fabric(const NetworkGraph& graph, const FabricConfig& config)
    : m_graph(graph), m_config(config), m_wheel(ShortestDelayPs(graph)) {
  BuildPorts();
  BuildSwitches();
  ConfigureEcn();
  if (m_config.routing == Routing::kFlowlet) {
    m_flowlets.Resize(static_cast<uint32_t>(m_switches.size()));
  }
  if (m_config.NeedsQueues()) m_queues = std::make_unique<QueuedForwarding>(*this);
  for (uint32_t host = 0; host < HostCount(); ++host) {
    m_host_keys.push_back(NameKey(m_graph.Nodes()[host].name));
  }
}

// Ports in the order (owner, far end, position among parallel links): the number of a port is also
// the tie key of arrivals over its link.
void Fabric::BuildPorts() {
  struct Direction {
    uint32_t from, to, link;
  };
  std::vector<Direction> directions;
  const std::vector<GraphLinkInfo>& links = m_graph.Links();
  for (uint32_t i = 0; i < links.size(); ++i) {
    directions.push_back({links[i].a, links[i].b, i});
    directions.push_back({links[i].b, links[i].a, i});
  }
  std::sort(directions.begin(), directions.end(), [](const Direction& x, const Direction& y) {
    return x.from != y.from ? x.from < y.from : x.to != y.to ? x.to < y.to : x.link < y.link;
  });
  if (directions.size() >= uint64_t{1} << kEventFactBits) throw std::length_error("too many links");
  m_ports.resize(directions.size());
  m_details.resize(directions.size());
  m_departures.resize(directions.size());
  std::vector<uint32_t> first_ports(links.size(), kNoPort);
  for (uint32_t i = 0; i < directions.size(); ++i) {
    const Direction& direction = directions[i];
    const GraphLinkInfo& both = links[direction.link];
    const LinkConfig& link = direction.from == both.a ? both.config : both.back;
    Port& port = m_ports[i];
    port.delay_ps = link.delay_ps;
    const uint64_t ps_per_byte = kBitPsPerByteSecond / link.rate_bps;
    const bool exact = kBitPsPerByteSecond % link.rate_bps == 0 && ps_per_byte <= UINT32_MAX;
    port.ps_per_byte = exact ? static_cast<uint32_t>(ps_per_byte) : 0;
    port.peer = direction.to < HostCount() ? direction.to | kHostBit : direction.to - HostCount();
    port.arrival_key = EventKey(
        direction.to < HostCount() ? EventClass::kHostArrival : EventClass::kSwitchArrival, i);
    if (direction.from >= HostCount()) port.owner_switch = direction.from - HostCount();
    port.has_loss = link.loss > 0;
    PortDetail& detail = m_details[i];
    detail.rate_bps = link.rate_bps;
    detail.from = direction.from;
    detail.to = direction.to;
    const uint32_t parallel =
        i > 0 && m_details[i - 1].from == direction.from && m_details[i - 1].to == direction.to ? 1
                                                                                                : 0;
    detail.name_key = CombineKeys(NameKey(m_graph.Nodes()[direction.from].name),
                                  NameKey(m_graph.Nodes()[direction.to].name));
    if (parallel != 0) detail.name_key = Mix64(m_details[i - 1].name_key);
    detail.loss_threshold = ProbabilityThreshold(link.loss);
    if (direction.to >= HostCount()) {
      detail.cut_through_bytes = m_graph.Nodes()[direction.to].config.cut_through_bytes;
      port.cuts_through = detail.cut_through_bytes != 0;
      if (port.cuts_through != 0) m_has_cut_through = true;
    }
    uint32_t& first_of_link = first_ports[direction.link];
    if (first_of_link == kNoPort) {
      first_of_link = i;
    } else {
      detail.reverse = first_of_link;
      m_details[first_of_link].reverse = i;
    }
  }
}

void Fabric::BuildSwitches() {
  m_switches.resize(m_graph.Nodes().size() - HostCount());
  BuildRoutingTables();
  for (uint32_t i = 0; i < m_switches.size(); ++i) {
    const GraphNodeInfo& node = m_graph.Nodes()[HostCount() + i];
    Switch& sw = m_switches[i];
    sw.buffer_bytes = node.config.buffer_bytes;
    sw.latency_ps = node.config.latency_ps;
    sw.multiplier = CombineKeys(m_config.seed, NameKey(node.name)) | 1;
  }
  for (uint32_t i = 0; i < m_ports.size(); ++i) {
    if (m_ports[i].owner_switch == kNoSwitch) continue;
    Switch& sw = m_switches[m_ports[i].owner_switch];
    if (sw.port_count++ == 0) sw.first_port = i;
  }
}

void Fabric::ConfigureEcn() {
  if (!m_config.ecn.enabled) return;
  for (uint32_t i = 0; i < m_ports.size(); ++i) {
    if (m_ports[i].owner_switch == kNoSwitch) continue;
    if (m_graph.Nodes()[m_details[i].from].config.is_scale_up) continue;
    // Rates are whole Mb/s in practice; the product stays far below 2^64 at 100 Tb/s.
    const uint64_t rate_mbps = std::max<uint64_t>(1, m_details[i].rate_bps / 1000000);
    const auto scale = [rate_mbps](uint64_t bytes_per_100g) {
      return static_cast<uint32_t>(
          std::min<uint64_t>(UINT32_MAX - 1, bytes_per_100g * rate_mbps / 100000));
    };
    m_ports[i].ecn_min_bytes = scale(m_config.ecn.kmin_bytes_per_100g);
    m_details[i].ecn_max_bytes = scale(m_config.ecn.kmax_bytes_per_100g);
    m_details[i].ecn_probability = m_config.ecn.pmax;
  }
}

std::vector<Fabric::Hop> Fabric::Path(uint32_t src_host, uint32_t dst_host,
                                      uint32_t flow_hash) const {
  const RoutingTables& tables = m_link_changes.empty() ? m_routes : m_intact_routes;
  std::vector<Hop> hops;
  uint32_t port = src_host;
  while (hops.size() <= m_switches.size()) {
    const uint32_t peer = m_ports[port].peer;
    const bool to_host = (peer & kHostBit) != 0;
    hops.push_back({m_details[port].rate_bps, m_ports[port].delay_ps,
                    to_host ? 0 : m_switches[peer].latency_ps, m_details[port].cut_through_bytes});
    if (to_host) {
      if ((peer & ~kHostBit) == dst_host) return hops;
      break;
    }
    const RouteEntry& entry = RouteIn(tables, tables.switches[peer], dst_host);
    port = Choose(tables, entry, flow_hash, m_switches[peer].multiplier);
    if (port == kNoPort) break;
  }
  throw std::logic_error("no path from " + m_graph.Nodes()[src_host].name + " to " +
                         m_graph.Nodes()[dst_host].name);
}

}  // namespace ddlsim
