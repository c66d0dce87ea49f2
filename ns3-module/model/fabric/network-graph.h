// SPDX-License-Identifier: GPL-2.0-only
//
// The network as a user describes it: named nodes and links. Everything that the fabric derives
// (numbers, tie order, path selection) follows from the names, so the order of the calls below
// never changes a result.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

struct SwitchConfig {
  uint64_t buffer_bytes = 32u << 20;  // shared by all egress ports
  uint64_t latency_ps = 0;            // from the last bit in to the first bit out, when idle
  // Cut-through: forwards when this much of a frame has come (to a port that is not faster than
  // the one it came by); 0: the whole frame (store-and-forward).
  uint32_t cut_through_bytes = 0;
  // Part of a network inside a host or among the GPUs of a few: does not mark congestion, and its
  // buffer, which stands for credits, does not lengthen timeouts elsewhere.
  bool is_scale_up = false;
};

struct LinkConfig {
  uint64_t rate_bps = 400000000000;
  uint64_t delay_ps = 1000000;  // above zero (invariant 5)
  double loss = 0.0;            // probability that a frame is lost
};

struct GraphNodeInfo {
  std::string name;
  bool is_host = false;
  SwitchConfig config;       // of switches
  std::string domain;        // of hosts
  bool is_scale_up = false;  // of hosts: a GPU on a network of its own kind
  bool is_engine = false;    // of hosts: a switch's reduction engine, where no rank is
};

struct GraphLinkInfo {
  uint32_t a = 0;  // indices into Nodes()
  uint32_t b = 0;
  LinkConfig config;  // from a to b
  LinkConfig back;    // from b to a
};

class NetworkGraph {
 public:
  // Names are unique. A host has exactly one link. All hosts of one domain have to be connected;
  // hosts of different ones need not be (planes of a network; GPUs of different servers, on
  // networks of their own). Throws InputError (place "topology").
  void AddHost(const std::string& name, const std::string& domain = "", bool is_scale_up = false);
  // The reduction engine of a switch: a host that nobody else talks to.
  void AddEngine(const std::string& name, const std::string& domain);
  void AddSwitch(const std::string& name, const SwitchConfig& config);
  // `config` holds both ways, or `back` from b to a.
  void AddLink(const std::string& a, const std::string& b, const LinkConfig& config);
  void AddLink(const std::string& a, const std::string& b, const LinkConfig& config,
               const LinkConfig& back);

  // Changes the loss of the links between two nodes, both ways. Throws InputError where there is
  // none.
  void SetLoss(const std::string& a, const std::string& b, double loss);

  // Makes every switch's buffer at least so large.
  void SetLeastBuffers(uint64_t buffer_bytes);

  // Sorts nodes (hosts first, names in natural order: "host-2" before "host-10") and links by their
  // ends, and checks: names known and unique, no link from a node to itself, rates and delays above
  // zero, every host with one link, all hosts of a domain connected. Throws InputError.
  void Canonicalize();

  const std::vector<GraphNodeInfo>& Nodes() const { return m_nodes; }
  const std::vector<GraphLinkInfo>& Links() const { return m_links; }
  uint32_t HostCount() const { return m_host_count; }

 private:
  struct NamedLink {
    std::string a, b;
    LinkConfig config, back;
  };
  void CheckConnected() const;

  std::vector<GraphNodeInfo> m_nodes;
  std::vector<NamedLink> m_named_links;
  std::vector<GraphLinkInfo> m_links;
  uint32_t m_host_count = 0;
};

// -1, 0, 1: runs of digits compare as numbers, everything else by character.
int NaturalCompare(const std::string& a, const std::string& b);

}  // namespace ddlsim
