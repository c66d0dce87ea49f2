// SPDX-License-Identifier: GPL-2.0-only
//
// Nodes and links as a file lists them, before it is clear which nodes are hosts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "topology/topology-file.h"

namespace ddlsim {

enum class DraftKind { kUnknown, kHost, kSwitch };

struct DraftNode {
  std::string name;
  DraftKind kind = DraftKind::kUnknown;
  SwitchConfig config;  // of switches
  uint32_t radix = 0;   // links at most; 0: not said
  uint32_t line = 0;
};

struct DraftLink {
  std::string a, b;
  LinkConfig config, back;
  uint32_t line = 0;
};

class TopologyDraft {
 public:
  explicit TopologyDraft(std::string place) : m_place(std::move(place)) {}

  // Each throws InputError: too many, a name that is none or that is taken, a rate, delay or loss
  // that no link has.
  void AddNode(DraftNode node);
  bool HasNode(const std::string& name) const { return m_index.count(name) != 0; }
  void AddLink(DraftLink link);
  // The same, but nothing happens where there is a link between the two, or both are one: maps list
  // a link at each of its ends.
  void AddLinkOnce(DraftLink link);

  // Decides the kinds that are not said: where the file says none, nodes with one link become
  // hosts, or with options.hosts_per_switch all become switches and get hosts; else nodes are
  // switches. Throws InputError for links to unknown nodes, hosts without just one link, switches
  // with more links than ports and networks without two hosts.
  TopologyFile Finish(const TopologyFileOptions& options);

  std::string Place() const { return m_place; }
  std::string Place(uint32_t line) const;

 private:
  void CountDegrees();
  void DecideKinds(const TopologyFileOptions& options);
  void CheckDegrees() const;
  uint32_t AddHosts(uint32_t hosts_per_switch, const LinkConfig& links, NetworkGraph& graph) const;

  const std::string m_place;
  std::vector<DraftNode> m_nodes;
  std::vector<DraftLink> m_links;
  std::map<std::string, uint32_t> m_index;                       // of nodes by name
  std::map<std::pair<std::string, std::string>, bool> m_joined;  // pairs of AddLinkOnce()
  std::vector<uint32_t> m_degrees;
};

}  // namespace ddlsim
