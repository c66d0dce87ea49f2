// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/network-graph.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "base/input-error.h"

namespace ddlsim {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

[[noreturn]] void Refuse(const std::string& problem, const std::string& remedy) {
  throw InputError("topology", problem, remedy);
}

// What tells parallel links apart.
auto KeyOf(const GraphLinkInfo& link) {
  const LinkConfig &there = link.config, &back = link.back;
  return std::tie(link.a, link.b, there.rate_bps, there.delay_ps, there.loss, back.rate_bps,
                  back.delay_ps, back.loss);
}

}  // namespace

int NaturalCompare(const std::string& a, const std::string& b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (IsDigit(a[i]) && IsDigit(b[j])) {
      while (i < a.size() && a[i] == '0') ++i;
      while (j < b.size() && b[j] == '0') ++j;
      size_t i_end = i, j_end = j;
      while (i_end < a.size() && IsDigit(a[i_end])) ++i_end;
      while (j_end < b.size() && IsDigit(b[j_end])) ++j_end;
      if (i_end - i != j_end - j) return i_end - i < j_end - j ? -1 : 1;
      const int order = a.compare(i, i_end - i, b, j, j_end - j);
      if (order != 0) return order < 0 ? -1 : 1;
      i = i_end;
      j = j_end;
    } else {
      if (a[i] != b[j]) return a[i] < b[j] ? -1 : 1;
      ++i;
      ++j;
    }
  }
  if (i < a.size() || j < b.size()) return i == a.size() ? -1 : 1;
  const int order = a.compare(b);  // "x-1" and "x-01" are different names
  return order == 0 ? 0 : (order < 0 ? -1 : 1);
}

void NetworkGraph::AddHost(const std::string& name, const std::string& domain, bool is_scale_up) {
  m_nodes.push_back({name, true, {}, domain, is_scale_up, false});
}

void NetworkGraph::AddEngine(const std::string& name, const std::string& domain) {
  m_nodes.push_back({name, true, {}, domain, false, true});
}

void NetworkGraph::AddSwitch(const std::string& name, const SwitchConfig& config) {
  m_nodes.push_back({name, false, config, "", false, false});
}

void NetworkGraph::AddLink(const std::string& a, const std::string& b, const LinkConfig& config) {
  AddLink(a, b, config, config);
}

void NetworkGraph::AddLink(const std::string& a, const std::string& b, const LinkConfig& config,
                           const LinkConfig& back) {
  m_named_links.push_back({a, b, config, back});
}

void NetworkGraph::SetLoss(const std::string& a, const std::string& b, double loss) {
  bool is_found = false;
  for (NamedLink& link : m_named_links) {
    if ((link.a != a || link.b != b) && (link.a != b || link.b != a)) continue;
    link.config.loss = link.back.loss = loss;
    is_found = true;
  }
  if (!is_found) {
    Refuse("there is no link between '" + Printable(a) + "' and '" + Printable(b) + "'",
           "links.csv of a run lists the links");
  }
  Canonicalize();
}

void NetworkGraph::SetLeastBuffers(uint64_t buffer_bytes) {
  for (GraphNodeInfo& node : m_nodes) {
    node.config.buffer_bytes = std::max(node.config.buffer_bytes, buffer_bytes);
  }
}

void NetworkGraph::Canonicalize() {
  std::sort(m_nodes.begin(), m_nodes.end(), [](const GraphNodeInfo& a, const GraphNodeInfo& b) {
    if (a.is_host != b.is_host) return a.is_host;
    return NaturalCompare(a.name, b.name) < 0;
  });
  std::unordered_map<std::string, uint32_t> index;
  m_host_count = 0;
  for (const GraphNodeInfo& node : m_nodes) {
    if (!index.emplace(node.name, static_cast<uint32_t>(index.size())).second) {
      Refuse("two nodes are named '" + Printable(node.name) + "'", "give each node its own name");
    }
    if (node.is_host) ++m_host_count;
  }
  m_links.clear();
  std::vector<uint32_t> degree(m_nodes.size());
  for (const NamedLink& link : m_named_links) {
    const std::string text = Printable(link.a) + " -- " + Printable(link.b);
    const auto a = index.find(link.a), b = index.find(link.b);
    if (a == index.end() || b == index.end()) {
      Refuse("link " + text + " has an end that does not exist", "add the node first");
    }
    if (a == b) Refuse("link " + text + " joins a node to itself", "remove it");
    if (link.config.rate_bps == 0 || link.back.rate_bps == 0) {
      Refuse("link " + text + " has no rate", "set a rate above zero");
    }
    if (link.config.delay_ps == 0 || link.back.delay_ps == 0) {
      Refuse("link " + text + " has no delay", "set a delay above zero, such as 1ns");
    }
    if (a->second < b->second) {
      m_links.push_back({a->second, b->second, link.config, link.back});
    } else {
      m_links.push_back({b->second, a->second, link.back, link.config});
    }
    ++degree[a->second];
    ++degree[b->second];
  }
  std::sort(m_links.begin(), m_links.end(),
            [](const GraphLinkInfo& x, const GraphLinkInfo& y) { return KeyOf(x) < KeyOf(y); });
  for (uint32_t i = 0; i < m_host_count; ++i) {
    if (degree[i] != 1) {
      Refuse(
          "host '" + Printable(m_nodes[i].name) + "' has " + std::to_string(degree[i]) + " links",
          "give each host (one NIC) exactly one link");
    }
  }
  CheckConnected();
}

void NetworkGraph::CheckConnected() const {
  if (m_host_count == 0) Refuse("there is no host", "add at least one host");
  std::vector<uint32_t> parent(m_nodes.size());
  for (uint32_t i = 0; i < parent.size(); ++i) parent[i] = i;
  const auto find = [&parent](uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (const GraphLinkInfo& link : m_links) parent[find(link.a)] = find(link.b);
  std::map<std::string, uint32_t> first_of_domain;
  for (uint32_t i = 0; i < m_host_count; ++i) {
    const uint32_t first = first_of_domain.emplace(m_nodes[i].domain, i).first->second;
    if (find(i) != find(first)) {
      Refuse("host '" + Printable(m_nodes[i].name) + "' cannot be reached from '" +
                 Printable(m_nodes[first].name) + "'",
             "add the missing links");
    }
  }
}

}  // namespace ddlsim
