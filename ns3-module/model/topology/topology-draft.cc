// SPDX-License-Identifier: GPL-2.0-only
#include "topology/topology-draft.h"

#include <algorithm>

#include "base/input-error.h"
#include "base/quantity.h"

namespace ddlsim {
namespace {

constexpr size_t kNodesMax = 1u << 18;
constexpr size_t kLinksMax = 1u << 20;
constexpr size_t kNameSizeMax = 200;
constexpr uint64_t kRateMaxBps = 100000000000000;

// Why a link cannot be so; empty where it can.
std::string FaultOf(const LinkConfig& link) {
  if (link.rate_bps == 0 || link.rate_bps > kRateMaxBps) {
    return "rate of " + FormatRate(link.rate_bps) + " that is not above zero and up to 100 Tb/s";
  }
  return link.delay_ps == 0 ? "delay of zero" : "";
}

}  // namespace

std::string TopologyDraft::Place(uint32_t line) const {
  return line == 0 ? m_place : m_place + ":" + std::to_string(line);
}

void TopologyDraft::AddNode(DraftNode node) {
  if (m_nodes.size() == kNodesMax) {
    throw InputError(Place(node.line), "has more than " + std::to_string(kNodesMax) + " nodes",
                     "choose a smaller network");
  }
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (node.name.empty() || node.name.size() > kNameSizeMax ||
      std::any_of(node.name.begin(), node.name.end(), is_control)) {
    throw InputError(Place(node.line), "'" + Printable(node.name) + "' is no name of a node",
                     "use 1 to " + std::to_string(kNameSizeMax) + " printable characters");
  }
  if (!m_index.emplace(node.name, static_cast<uint32_t>(m_nodes.size())).second) {
    throw InputError(Place(node.line), "two nodes are named '" + Printable(node.name) + "'",
                     "give each node its own name");
  }
  m_nodes.push_back(std::move(node));
}

void TopologyDraft::AddLink(DraftLink link) {
  if (m_links.size() == kLinksMax) {
    throw InputError(Place(link.line), "has more than " + std::to_string(kLinksMax) + " links",
                     "choose a smaller network");
  }
  std::string text = "link ";
  text.append(Printable(link.a)).append(" -- ").append(Printable(link.b));
  for (const LinkConfig* way : {&link.config, &link.back}) {
    const std::string fault = FaultOf(*way);
    if (fault.empty()) continue;
    throw InputError(Place(link.line), text.append(" has a ").append(fault),
                     "set, for example, rate 400Gbps and delay 500ns");
  }
  if (link.a == link.b) {
    throw InputError(Place(link.line), text + " joins a node to itself", "remove it");
  }
  m_links.push_back(std::move(link));
}

void TopologyDraft::AddLinkOnce(DraftLink link) {
  if (link.a == link.b) return;
  if (m_joined.emplace(std::minmax(link.a, link.b), true).second) AddLink(std::move(link));
}

void TopologyDraft::CountDegrees() {
  m_degrees.assign(m_nodes.size(), 0);
  for (const DraftLink& link : m_links) {
    for (const std::string* end : {&link.a, &link.b}) {
      const auto found = m_index.find(*end);
      if (found == m_index.end()) {
        throw InputError(Place(link.line),
                         "link " + Printable(link.a) + " -- " + Printable(link.b) +
                             " has an end that is no node: '" + Printable(*end) + "'",
                         "add the node, or correct the name");
      }
      ++m_degrees[found->second];
    }
  }
}

void TopologyDraft::DecideKinds(const TopologyFileOptions& options) {
  const bool says_kinds = std::any_of(m_nodes.begin(), m_nodes.end(), [](const DraftNode& node) {
    return node.kind != DraftKind::kUnknown;
  });
  const bool has_hosts = std::any_of(m_nodes.begin(), m_nodes.end(), [](const DraftNode& node) {
    return node.kind == DraftKind::kHost;
  });
  if (has_hosts && options.hosts_per_switch != 0) {
    throw InputError("--hosts-per-switch", m_place + " has hosts of its own", "leave it out");
  }
  for (size_t i = 0; i < m_nodes.size(); ++i) {
    if (m_nodes[i].kind != DraftKind::kUnknown) continue;
    const bool is_host = !says_kinds && options.hosts_per_switch == 0 && m_degrees[i] == 1;
    m_nodes[i].kind = is_host ? DraftKind::kHost : DraftKind::kSwitch;
  }
}

void TopologyDraft::CheckDegrees() const {
  for (size_t i = 0; i < m_nodes.size(); ++i) {
    const DraftNode& node = m_nodes[i];
    const std::string links = std::to_string(m_degrees[i]) + " links";
    if (node.kind == DraftKind::kHost && m_degrees[i] != 1) {
      throw InputError(Place(node.line), "host '" + Printable(node.name) + "' has " + links,
                       "give each host exactly one link, and several NICs as hosts of their own");
    }
    if (node.radix != 0 && m_degrees[i] > node.radix) {
      throw InputError(Place(node.line),
                       "switch '" + Printable(node.name) + "' has " + links + " and a radix of " +
                           std::to_string(node.radix),
                       "raise its radix or remove links");
    }
  }
}

// Numbers of hosts follow the names of their switches.
uint32_t TopologyDraft::AddHosts(uint32_t hosts_per_switch, const LinkConfig& links,
                                 NetworkGraph& graph) const {
  std::vector<std::string> names;
  for (const DraftNode& node : m_nodes) names.push_back(node.name);
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return NaturalCompare(a, b) < 0; });
  const uint64_t hosts = uint64_t{hosts_per_switch} * names.size();
  if (hosts > kTopologyHostsMax) {
    throw InputError("--hosts-per-switch", "makes " + std::to_string(hosts) + " hosts",
                     "choose fewer");
  }
  for (uint32_t host = 0; host < hosts; ++host) {
    const std::string name = NodeName("host-", host);
    if (HasNode(name)) {
      throw InputError("--hosts-per-switch", m_place + " has a node named '" + name + "' already",
                       "rename it");
    }
    graph.AddHost(name);
    graph.AddLink(name, names[host / hosts_per_switch], links);
  }
  return static_cast<uint32_t>(hosts);
}

TopologyFile TopologyDraft::Finish(const TopologyFileOptions& options) {
  CountDegrees();
  DecideKinds(options);
  TopologyFile file;
  for (const DraftNode& node : m_nodes) {
    if (node.kind == DraftKind::kHost) {
      file.graph.AddHost(node.name);
      ++file.host_count;
    } else {
      file.graph.AddSwitch(node.name, node.config);
    }
  }
  for (const DraftLink& link : m_links) {
    file.graph.AddLink(link.a, link.b, link.config, link.back);
  }
  if (options.hosts_per_switch != 0) {
    file.host_count = AddHosts(options.hosts_per_switch, options.parts.links, file.graph);
    for (uint32_t& degree : m_degrees) degree += options.hosts_per_switch;
  }
  CheckDegrees();
  if (file.host_count < 2) {
    throw InputError(m_place, "has " + std::to_string(file.host_count) + " hosts",
                     "say which nodes are hosts, or add some with --hosts-per-switch=1");
  }
  if (file.host_count > kTopologyHostsMax) {
    throw InputError(m_place, "has " + std::to_string(file.host_count) + " hosts", "choose fewer");
  }
  return file;
}

}  // namespace ddlsim
