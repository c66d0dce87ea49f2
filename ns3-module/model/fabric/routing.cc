// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/routing.h"

#include <algorithm>
#include <stdexcept>

namespace ddlsim {
namespace {

bool SameEntry(const RouteEntry& a, const RouteEntry& b) {
  return a.first == b.first && a.count == b.count && a.is_list == b.is_list;
}

// Routes of all switches by attachment point: hosts behind one switch share all but the last hop.
class RouteBuilder {
 public:
  RouteBuilder(uint32_t host_count, uint32_t node_count, const std::vector<DirectedLink>& ports)
      : m_host_count(host_count), m_node_count(node_count), m_ports(ports) {
    m_first_port.assign(node_count + 1, 0);
    for (const DirectedLink& port : ports) ++m_first_port[port.from + 1];
    for (uint32_t i = 0; i < node_count; ++i) m_first_port[i + 1] += m_first_port[i];
    // An attachment is the switch that a host hangs on; -1 for hosts joined to a host.
    m_attachment.assign(host_count, UINT32_MAX);
    for (const DirectedLink& port : ports) {
      if (port.from < host_count && port.to >= host_count) m_attachment[port.from] = port.to;
    }
  }

  RoutingTables Build() {
    const uint32_t switches = m_node_count - m_host_count;
    std::vector<uint32_t> edge_of(m_node_count, UINT32_MAX);
    std::vector<uint32_t> edges;
    for (uint32_t host = 0; host < m_host_count; ++host) {
      const uint32_t edge = m_attachment[host];
      if (edge == UINT32_MAX || edge_of[edge] != UINT32_MAX) continue;
      edge_of[edge] = static_cast<uint32_t>(edges.size());
      edges.push_back(edge);
    }
    // m_towards[s * edges + e]: the entry at switch s for hosts behind edge switch e.
    m_towards.assign(size_t{switches} * edges.size(), RouteEntry());
    for (uint32_t e = 0; e < edges.size(); ++e) Search(edges[e], e, edges.size());
    RoutingTables tables;
    tables.switches.resize(switches);
    std::vector<RouteEntry> row(m_host_count);
    for (uint32_t s = 0; s < switches; ++s) {
      for (uint32_t host = 0; host < m_host_count; ++host) {
        const uint32_t edge = m_attachment[host];
        row[host] =
            edge == UINT32_MAX ? RouteEntry() : m_towards[size_t{s} * edges.size() + edge_of[edge]];
      }
      const uint32_t node = m_host_count + s;
      for (uint32_t port = m_first_port[node]; port < m_first_port[node + 1]; ++port) {
        if (m_ports[port].to < m_host_count) row[m_ports[port].to] = {port, 1, 0};
      }
      Compress(row, tables.switches[s], tables.entries);
    }
    tables.port_lists = std::move(m_port_lists);
    return tables;
  }

 private:
  // Breadth-first distances to `edge`, then the equal-cost ports of every switch.
  void Search(uint32_t edge, uint32_t e, size_t edge_count) {
    m_distance.assign(m_node_count, UINT32_MAX);
    m_queue.assign(1, edge);
    m_distance[edge] = 0;
    for (size_t i = 0; i < m_queue.size(); ++i) {
      const uint32_t node = m_queue[i];
      for (uint32_t port = m_first_port[node]; port < m_first_port[node + 1]; ++port) {
        const uint32_t to = m_ports[port].to;
        if (to < m_host_count || m_distance[to] != UINT32_MAX || m_ports[port].is_down) continue;
        m_distance[to] = m_distance[node] + 1;
        m_queue.push_back(to);
      }
    }
    for (uint32_t node : m_queue) {
      if (node == edge) continue;
      m_chosen.clear();
      for (uint32_t port = m_first_port[node]; port < m_first_port[node + 1]; ++port) {
        const uint32_t to = m_ports[port].to;
        if (to < m_host_count || m_ports[port].is_down) continue;
        if (m_distance[to] + 1 == m_distance[node]) m_chosen.push_back(port);
      }
      m_towards[size_t{node - m_host_count} * edge_count + e] = MakeEntry();
    }
  }

  RouteEntry MakeEntry() {
    if (m_chosen.size() > UINT16_MAX) throw std::length_error("more than 65,535 equal-cost ports");
    RouteEntry entry;
    entry.count = static_cast<uint16_t>(m_chosen.size());
    entry.first = m_chosen.front();
    if (m_chosen.back() - m_chosen.front() + 1 == m_chosen.size()) return entry;
    entry.is_list = 1;
    const auto found =
        std::search(m_port_lists.begin(), m_port_lists.end(), m_chosen.begin(), m_chosen.end());
    entry.first = static_cast<uint32_t>(found - m_port_lists.begin());
    if (found == m_port_lists.end()) {
      m_port_lists.insert(m_port_lists.end(), m_chosen.begin(), m_chosen.end());
    }
    return entry;
  }

  // Finds fallback, range and shift of SwitchRoutes for one switch's entries by host.
  void Compress(const std::vector<RouteEntry>& row, SwitchRoutes& routes,
                std::vector<RouteEntry>& entries) const {
    const RouteEntry& fallback = FallbackOf(row);
    uint32_t low = 0, high = m_host_count;
    while (low < high && SameEntry(row[low], fallback)) ++low;
    while (high > low && SameEntry(row[high - 1], fallback)) --high;
    routes.offset = static_cast<uint32_t>(entries.size());
    if (low < high) {
      uint32_t shift = 0;  // the coarsest blocks of hosts that share an entry throughout
      while (shift < 31 && (uint64_t{1} << shift) < m_host_count && IsUniform(row, shift + 1)) {
        ++shift;
      }
      routes.shift = shift;
      routes.low = low >> shift;
      routes.size = ((high - 1) >> shift) - routes.low + 1;
    }
    for (uint32_t i = 0; i < routes.size; ++i) {
      entries.push_back(row[(routes.low + i) << routes.shift]);
    }
    entries.push_back(fallback);
  }

  // The entry of the first or of the last host, whichever covers more of the two ends.
  const RouteEntry& FallbackOf(const std::vector<RouteEntry>& row) const {
    size_t front = 0, back = 0;
    while (front < row.size() && SameEntry(row[front], row.front())) ++front;
    while (back < row.size() && SameEntry(row[row.size() - 1 - back], row.back())) ++back;
    return front >= back ? row.front() : row.back();
  }

  bool IsUniform(const std::vector<RouteEntry>& row, uint32_t shift) const {
    for (uint32_t host = 0; host < m_host_count; ++host) {
      if (!SameEntry(row[host], row[(host >> shift) << shift])) return false;
    }
    return true;
  }

  const uint32_t m_host_count;
  const uint32_t m_node_count;
  const std::vector<DirectedLink>& m_ports;
  std::vector<uint32_t> m_first_port;
  std::vector<uint32_t> m_attachment;
  std::vector<RouteEntry> m_towards;
  std::vector<uint32_t> m_distance;
  std::vector<uint32_t> m_queue;
  std::vector<uint32_t> m_chosen;
  std::vector<uint32_t> m_port_lists;
};

}  // namespace

RoutingTables BuildRoutes(uint32_t host_count, uint32_t node_count,
                          const std::vector<DirectedLink>& ports) {
  return RouteBuilder(host_count, node_count, ports).Build();
}

}  // namespace ddlsim
