// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-network.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "cluster/scale-up-framing.h"
#include "cluster/scale-up-graph.h"
#include "cluster/switch-reduction.h"
#include "ddl-attributes.h"
#include "ddl-switch.h"
#include "results/topology-writer.h"
#include "scenario-cluster.h"
#include "scenario-congestion.h"
#include "scenario-switching.h"
#include "scenario-topology.h"
#include "tcp-attributes.h"

namespace ddlsim {
namespace {

constexpr uint32_t kHostsMax = 1u << 16;  // what has been tried: 10 s of set-up

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
  const uint32_t hosts = CountOf(options, "hosts", 2, kHostsMax);
  if (options.Get("topology") != "pair") return hosts;
  if (hosts > 2) {
    throw InputError(options.Place("hosts"), "a pair has two hosts", "leave it out, or use a star");
  }
  return 2;
}

namespace {

// Builders say --hosts where these hosts are counted by --nodes.
std::string SayNodes(std::string text) {
  const std::string hosts = "--hosts";
  for (size_t at = text.find(hosts); at != text.npos; at = text.find(hosts, at + 1)) {
    const size_t end = at + hosts.size();
    if (end == text.size() || text[end] != '-') text.replace(at, hosts.size(), "--nodes");
  }
  return text;
}

// The network of --topology among the cluster's NICs.
ScenarioTopology MakeScaleOut(OptionSet& options, const ClusterMap& cluster,
                              const SwitchConfig& switches) {
  const uint32_t nodes = cluster.HostCount();
  try {
    ScenarioTopology topology =
        MakeScenarioTopology(options, {nodes, cluster.HostType().nic_count}, nodes, switches);
    options.Resolve("hosts", "");  // --nodes says it
    return topology;
  } catch (const InputError& error) {
    throw InputError(SayNodes(error.Place()), SayNodes(error.Problem()), SayNodes(error.Remedy()));
  }
}

bool HasSwitchReduction(const OptionSet& options) {
  const std::string& text = options.Get("switch-reduction");
  if (text == "auto") return options.Get("algo") == "in_network";
  if (text == "true" || text == "false") return text == "true";
  throw InputError(options.Place("switch-reduction"), "'" + Printable(text) + "' is neither",
                   "choose auto, true or false");
}

// The NICs of the cluster's hosts on the network of --topology, and the networks among its GPUs.
void BuildCluster(OptionSet& options, const SwitchConfig& switches, ScenarioNetwork& network) {
  const ClusterMap& cluster = *network.cluster;
  network.description = "no network between hosts";
  network.host_count = cluster.HostCount();
  if (cluster.HasScaleOut()) {
    ScenarioTopology topology = MakeScaleOut(options, cluster, switches);
    network.description = topology.description;
    topology.graph.Canonicalize();
    AddScaleOut(cluster, topology.graph, network.graph);
  }
  ScaleUpGraphOptions scale_up;
  scale_up.has_reduction_engines = cluster.HostType().scale_up.reduces_in_switch &&
                                   !cluster.HostType().libraries.empty() &&
                                   options.Get("library") != "none";
  AddScaleUp(cluster, scale_up, network.graph);
  network.graph.Canonicalize();
  if (HasSwitchReduction(options)) AddSwitchEngines(network.graph);
  SetScaleUpFraming(cluster, network.graph, network.nic);
  if (!network.nic.link_classes.empty()) {
    const LinkClass& link = network.nic.link_classes.back();
    network.fabric.frame_bytes_max =
        std::max(network.fabric.frame_bytes_max, link.framing.DataBytes(link.payload_bytes, true));
  }
}

// Hosts of one GPU, which are one endpoint each; with several NICs they can be written only.
void BuildHosts(OptionSet& options, uint32_t ranks, const SwitchConfig& switches,
                ScenarioNetwork& network) {
  const uint32_t hosts = RequestedHosts(options);
  if (hosts != 0 && hosts < ranks) {
    throw InputError(options.Place("hosts"),
                     std::to_string(hosts) + " hosts cannot hold the workload's " +
                         std::to_string(ranks) + " ranks (one GPU per host)",
                     "raise it to " + std::to_string(ranks) + " or leave it out");
  }
  const uint32_t nics = std::max(1u, CountOf(options, "nics-per-host", 1, kNicsPerHostMax));
  ScenarioTopology topology = MakeScenarioTopology(options, {hosts, nics}, ranks, switches);
  network.description = topology.description;
  network.host_count = topology.host_count;
  network.graph = std::move(topology.graph);
  network.graph.Canonicalize();
  if (HasSwitchReduction(options)) AddSwitchEngines(network.graph);
}

std::string DescribeHosts(const ScenarioNetwork& network) {
  const auto count = [](uint32_t number, const char* what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
  };
  if (!network.cluster) return count(network.host_count, "host");
  const Host& host = network.cluster->HostType();
  std::string text = count(network.cluster->HostCount(), "host") + " of " +
                     count(host.gpu_count, "GPU") + " and " + count(host.nic_count, "NIC");
  if (network.cluster->HasScaleUp()) text += " (" + host.scale_up.fabric + ")";
  return text;
}

}  // namespace

ScenarioNetwork BuildScenarioNetwork(OptionSet& options, uint32_t ranks) {
  CheckTopology(options);
  CheckTransport(options);
  ScenarioNetwork network;
  network.cluster = RequestedCluster(options, ranks);
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
    BuildCluster(options, switches->Config(), network);
  } else {
    BuildHosts(options, ranks, switches->Config(), network);
  }
  ApplyLinkLoss(options, network.graph);
  CheckSwitching(options, network);
  const LinkConfig links = HostLinks(options);
  network.description += ", " + DescribeHosts(network) + ", links of " +
                         FormatRate(links.rate_bps) + " and " + FormatDuration(links.delay_ps);
  return network;
}

void WriteScenarioTopology(OptionSet& options) {
  const std::string& path = options.Get("write-topology");
  const ScenarioNetwork network = BuildScenarioNetwork(options, 0);
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::binary);
  file << TopologyJson(network.graph, options.Get("topology"), network.description);
  file.close();
  if (!file || std::rename(part.c_str(), path.c_str()) != 0) {
    std::remove(part.c_str());
    throw InputError(options.Place("write-topology"),
                     "'" + Printable(path, 200) + "' cannot be written", "name a file that can");
  }
}

}  // namespace ddlsim
