// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-network.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "cluster/scale-up-framing.h"
#include "cluster/scale-up-graph.h"
#include "ddl-attributes.h"
#include "ddl-switch.h"
#include "scenario-cluster.h"
#include "scenario-congestion.h"
#include "scenario-switching.h"
#include "tcp-attributes.h"
#include "topology-builders.h"

namespace ddlsim {
namespace {

constexpr uint32_t kHostsMax = 1u << 16;  // what has been tried: 10 s of set-up
constexpr uint32_t kHostsDefault = 16;
const std::vector<std::string> kTopologies{"fattree", "star", "ring", "pair"};
const std::vector<std::string> kLaterTopologies{"leafspine", "rail",   "dragonfly", "torus2d",
                                                "torus3d",   "mesh2d", "tree",      "fullmesh",
                                                "hypercube", "wan",    "file"};

uint32_t Count(const OptionSet& options, const std::string& name, uint64_t low, uint64_t high) {
  const std::string& text = options.Get(name);
  if (text.empty()) return 0;
  return static_cast<uint32_t>(ParseCount(options.Place(name), text, low, high));
}

void CheckTopology(const OptionSet& options) {
  const std::string& topology = options.Get("topology");
  if (std::find(kTopologies.begin(), kTopologies.end(), topology) != kTopologies.end()) return;
  for (const std::string& later : kLaterTopologies) {
    if (topology == later || topology.rfind(later + ":", 0) == 0) {
      throw InputError(options.Place("topology"),
                       "'" + Printable(topology) + "' is not modelled yet",
                       "choose fattree, star, ring or pair");
    }
  }
  throw InputError(options.Place("topology"), "'" + Printable(topology) + "' is no topology",
                   Suggest(topology, kTopologies));
}

void CheckRate(const std::string& place, uint64_t rate_bps) {
  if (rate_bps <= 100000000000000) return;
  throw InputError(place, "is above 100 Tb/s", "set a rate such as 400Gbps");
}

// The links between switches.
LinkConfig FabricLinks(OptionSet& options, const LinkConfig& links) {
  LinkConfig fabric_links = links;
  if (options.Get("fabric-link-rate").empty()) {
    options.Resolve("fabric-link-rate", options.Get("link-rate"));
  }
  const std::string place = options.Place("fabric-link-rate");
  fabric_links.rate_bps = ParseRateBps(place, options.Get("fabric-link-rate"));
  CheckRate(place, fabric_links.rate_bps);
  return fabric_links;
}

LinkConfig Links(const OptionSet& options) {
  LinkConfig links;
  links.rate_bps = ParseRateBps(options.Place("link-rate"), options.Get("link-rate"));
  links.delay_ps = ParseDurationPs(options.Place("link-delay"), options.Get("link-delay"));
  links.loss = ParseProbability(options.Place("loss"), options.Get("loss"));
  if (links.delay_ps == 0) {
    throw InputError(options.Place("link-delay"), "is zero", "set a delay above zero, such as 1ns");
  }
  CheckRate(options.Place("link-rate"), links.rate_bps);
  return links;
}

NetworkGraph BuildTree(OptionSet& options, uint32_t hosts, const SwitchConfig& switches,
                       const LinkConfig& links, std::string& description) {
  FatTreeSpec spec;
  spec.levels = Count(options, "levels", 2, 3);
  spec.radix = Count(options, "k", 2, 256);
  spec.hosts = hosts == 0 && spec.radix == 0 ? kHostsDefault : hosts;
  spec.hosts_per_edge = Count(options, "hosts-per-edge", 1, 256);
  spec.oversubscription = Count(options, "oversubscription", 1, 256);
  spec = ResolveFatTree(spec);
  options.Resolve("hosts", std::to_string(spec.hosts));
  options.Resolve("k", std::to_string(spec.radix));
  options.Resolve("hosts-per-edge", std::to_string(spec.hosts_per_edge));
  description =
      "fat-tree of " + std::to_string(spec.levels) + " levels, k=" + std::to_string(spec.radix);
  if (spec.oversubscription > 1) {
    description += ", " + std::to_string(spec.oversubscription) + ":1 oversubscribed";
  }
  const LinkConfig fabric_links = FabricLinks(options, links);
  if (fabric_links.rate_bps != links.rate_bps) {
    description += ", " + FormatRate(fabric_links.rate_bps) + " between switches";
  }
  return BuildFatTree(spec, switches, links, fabric_links);
}

// "A--B=P,C--D=P"
void ApplyLinkLoss(const OptionSet& options, NetworkGraph& graph) {
  const std::string place = options.Place("link-loss");
  std::istringstream entries(options.Get("link-loss"));
  for (std::string entry; std::getline(entries, entry, ',');) {
    const size_t dashes = entry.find("--"), equals = entry.rfind('=');
    if (dashes == std::string::npos || equals == std::string::npos || equals < dashes + 2) {
      throw InputError(place, "'" + Printable(entry) + "' is not NODE--NODE=PROBABILITY",
                       "write, for example, host-0--edge-0=0.01");
    }
    const double loss = ParseProbability(place, entry.substr(equals + 1));
    try {
      graph.SetLoss(entry.substr(0, dashes), entry.substr(dashes + 2, equals - dashes - 2), loss);
    } catch (const InputError& error) {
      throw InputError(place, error.Problem(), error.Remedy());
    }
  }
}

void CheckTransport(const OptionSet& options) {
  const std::string& transport = options.Get("transport");
  if (transport == "rdma" || transport == "tcp") return;
  throw InputError(options.Place("transport"), "'" + Printable(transport) + "' is no transport",
                   "use rdma or tcp");
}

// An MTU has to hold a segment and the largest headers of IPv4 and TCP.
ns3::ddl::TcpConfig MakeTcpConfig(const OptionSet& options) {
  ns3::ddl::TcpConfig tcp;
  tcp.variant = FindTcpVariant(options.Place("tcp-variant"), options.Get("tcp-variant"));
  tcp.segment_bytes = static_cast<uint32_t>(
      ParseCount(options.Place("tcp-mss"), options.Get("tcp-mss"), 64, 64000));
  ParseCount(options.Place("tcp-initial-window"), options.Get("tcp-initial-window"), 1, 1u << 20);
  ParseCount(options.Place("tcp-ack-every"), options.Get("tcp-ack-every"), 1, 1u << 10);
  const std::string& buffer = options.Get("tcp-buffer");
  if (buffer.empty()) return tcp;
  tcp.buffer_bytes = ParseSizeBytes(options.Place("tcp-buffer"), buffer);
  if (tcp.buffer_bytes < tcp.segment_bytes || tcp.buffer_bytes > 1u << 30) {
    throw InputError(options.Place("tcp-buffer"), "is out of range",
                     "choose from one segment to 1GiB");
  }
  return tcp;
}

}  // namespace

uint32_t RequestedHosts(const OptionSet& options) {
  const uint32_t hosts = Count(options, "hosts", 2, kHostsMax);
  if (options.Get("topology") != "pair") return hosts;
  if (hosts > 2) {
    throw InputError(options.Place("hosts"), "a pair has two hosts", "leave it out, or use a star");
  }
  return 2;
}

namespace {

// The network of --topology among `hosts` hosts.
void BuildTopology(OptionSet& options, uint32_t hosts, const SwitchConfig& switches,
                   const LinkConfig& links, ScenarioNetwork& network) {
  const std::string& topology = options.Get("topology");
  if (topology == "fattree") {
    network.graph = BuildTree(options, hosts, switches, links, network.description);
    return;
  }
  if (hosts == 0) hosts = kHostsDefault;
  options.Resolve("hosts", std::to_string(hosts));
  if (topology == "star") {
    network.graph = BuildStar(hosts, switches, links);
    network.description = "star (one switch)";
  } else if (topology == "ring") {
    network.graph = BuildRing(hosts, switches, links);
    network.description = "ring of switches";
  } else {
    network.graph = BuildPair(links);
    network.description = "two hosts on one cable";
  }
}

// The NICs of the cluster's hosts on the network of --topology, and the networks among its GPUs.
void BuildCluster(OptionSet& options, const SwitchConfig& switches, const LinkConfig& links,
                  ScenarioNetwork& network) {
  const ClusterMap& cluster = *network.cluster;
  NetworkGraph graph;
  network.description = "no network between hosts";
  if (cluster.HasScaleOut()) {
    const auto nics = static_cast<uint32_t>(cluster.NicEndpoints().size());
    BuildTopology(options, nics, switches, links, network);
    options.Resolve("hosts", "");  // --nodes says it
    AddScaleOut(cluster, network.graph, graph);
  }
  ScaleUpGraphOptions scale_up;
  scale_up.has_reduction_engines = cluster.HostType().scale_up.reduces_in_switch &&
                                   !cluster.HostType().libraries.empty() &&
                                   options.Get("library") != "none";
  AddScaleUp(cluster, scale_up, graph);
  graph.Canonicalize();
  network.graph = std::move(graph);
  SetScaleUpFraming(cluster, network.graph, network.nic);
  if (!network.nic.link_classes.empty()) {
    const LinkClass& link = network.nic.link_classes.back();
    network.fabric.frame_bytes_max =
        std::max(network.fabric.frame_bytes_max, link.framing.DataBytes(link.payload_bytes, true));
  }
}

std::string DescribeHosts(const ScenarioNetwork& network) {
  if (!network.cluster) return std::to_string(network.graph.HostCount()) + " hosts";
  const Host& host = network.cluster->HostType();
  std::string text = std::to_string(network.cluster->HostCount()) + " hosts of " +
                     std::to_string(host.gpu_count) + " GPUs and " +
                     std::to_string(host.nic_count) + " NICs";
  if (network.cluster->HasScaleUp()) text += " (" + host.scale_up.fabric + ")";
  return text;
}

}  // namespace

ScenarioNetwork BuildScenarioNetwork(OptionSet& options, uint32_t ranks) {
  CheckTopology(options);
  CheckTransport(options);
  ScenarioNetwork network;
  network.cluster = RequestedCluster(options, ranks);
  uint32_t hosts = RequestedHosts(options);
  if (!network.cluster && hosts != 0 && hosts < ranks) {
    throw InputError(options.Place("hosts"),
                     std::to_string(hosts) + " hosts cannot hold the workload's " +
                         std::to_string(ranks) + " ranks (one GPU per host)",
                     "raise it to " + std::to_string(ranks) + " or leave it out");
  }
  if (hosts == 0) hosts = std::max(ranks, ranks == 0 ? 0u : 2u);
  const LinkConfig links = Links(options);
  const ns3::Ptr<ns3::ddl::Switch> switches = ns3::CreateObject<ns3::ddl::Switch>();
  network.nic = ns3::CreateObject<ns3::ddl::Nic>()->Config();
  network.is_tcp = options.Get("transport") == "tcp";
  if (network.is_tcp) {
    network.tcp = MakeTcpConfig(options);
  } else {
    SetCongestionControl(options, network);
  }
  SetSwitching(options, *switches, network);
  network.fabric.seed = ParseCount(options.Place("seed"), options.Get("seed"), 0, INT64_MAX);
  if (network.cluster) {
    BuildCluster(options, switches->Config(), links, network);
  } else {
    BuildTopology(options, hosts, switches->Config(), links, network);
  }
  ApplyLinkLoss(options, network.graph);
  CheckSwitching(options, network);
  network.description += ", " + DescribeHosts(network) + ", links of " +
                         FormatRate(links.rate_bps) + " and " + FormatDuration(links.delay_ps);
  return network;
}

}  // namespace ddlsim
