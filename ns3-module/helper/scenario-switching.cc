// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-switching.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "nic/wire-format.h"

namespace ddlsim {
namespace {

const std::vector<std::pair<std::string, Routing>> kRoutings{{"ecmp", Routing::kEcmp},
                                                             {"spray", Routing::kSpray},
                                                             {"flowlet", Routing::kFlowlet},
                                                             {"adaptive", Routing::kAdaptive}};

Routing RoutingOf(const OptionSet& options) {
  const std::string& text = options.Get("routing");
  std::vector<std::string> names;
  for (const auto& [name, routing] : kRoutings) {
    if (text == name) return routing;
    names.push_back(name);
  }
  throw InputError(options.Place("routing"), "'" + Printable(text) + "' is no routing",
                   Suggest(text, names));
}

// Packets of which one must have been overtaken to count as lost. Where each packet takes a path of
// its own a whole window may overtake it, and where switches trim they say what they have cut.
uint32_t ReorderPackets(const FabricConfig& fabric, uint32_t wanted) {
  if (wanted != 0) return wanted;
  if (fabric.trims) return kReorderPacketsMax;
  const bool has_one_path = fabric.routing == Routing::kEcmp || fabric.routing == Routing::kFlowlet;
  return has_one_path ? 1 : 0;
}

bool IsNoNic(const GraphNodeInfo& host) {
  return host.is_scale_up || host.is_engine;
}

// Links from the first host of the scale-out network to the farthest, by breadth-first search.
uint32_t FarthestLinks(const NetworkGraph& graph) {
  std::vector<std::vector<uint32_t>> neighbours(graph.Nodes().size());
  for (const GraphLinkInfo& link : graph.Links()) {
    neighbours[link.a].push_back(link.b);
    neighbours[link.b].push_back(link.a);
  }
  uint32_t first = 0;
  while (first + 1 < graph.HostCount() && IsNoNic(graph.Nodes()[first])) ++first;
  std::vector<uint32_t> links(graph.Nodes().size(), UINT32_MAX), queue{first};
  links[first] = 0;
  for (size_t i = 0; i < queue.size(); ++i) {
    for (uint32_t next : neighbours[queue[i]]) {
      if (links[next] != UINT32_MAX) continue;
      links[next] = links[queue[i]] + 1;
      queue.push_back(next);
    }
  }
  return links[queue.back()];
}

// "write a node such as host-0, edge-0, core-0": one of each kind, which is a name but its digits.
std::string NodeExamples(const std::vector<std::string>& names) {
  constexpr size_t kExamplesMax = 5;
  std::set<std::string> kinds;
  std::string text = "write a node such as";
  for (const std::string& name : names) {
    std::string kind = name;
    kind.erase(std::remove_if(kind.begin(), kind.end(),
                              [](char c) { return c == '-' || (c >= '0' && c <= '9'); }),
               kind.end());
    if (kinds.size() == kExamplesMax || !kinds.insert(kind).second) continue;
    text += (kinds.size() == 1 ? " " : ", ") + Printable(name);
  }
  return text + " (" + std::to_string(names.size()) + " in all: --write-topology=FILE lists them)";
}

uint32_t NodeOf(const std::string& place, const NetworkGraph& graph, const std::string& name) {
  std::vector<std::string> names;
  for (uint32_t i = 0; i < graph.Nodes().size(); ++i) {
    if (graph.Nodes()[i].name == name) return i;
    names.push_back(graph.Nodes()[i].name);
  }
  const std::string nearest = Suggest(name, names);
  throw InputError(place, "'" + Printable(name) + "' is no node",
                   nearest.rfind("did you mean", 0) == 0 ? nearest : NodeExamples(names));
}

// "A--B@T" or "A--B@T..T"
LinkOutage ParseOutage(const std::string& place, const NetworkGraph& graph,
                       const std::string& entry) {
  const size_t dashes = entry.find("--"), at = entry.rfind('@');
  if (dashes == std::string::npos || at == std::string::npos || at < dashes + 2) {
    throw InputError(place, "'" + Printable(entry) + "' is not NODE--NODE@TIME or @TIME..TIME",
                     "write, for example, edge-0--agg-0-1@1ms..3ms");
  }
  LinkOutage outage;
  outage.a = NodeOf(place, graph, entry.substr(0, dashes));
  outage.b = NodeOf(place, graph, entry.substr(dashes + 2, at - dashes - 2));
  const std::string times = entry.substr(at + 1);
  const size_t dots = times.find("..");
  outage.begin_ps = ParseDurationPs(place, times.substr(0, dots));
  if (dots != std::string::npos) outage.end_ps = ParseDurationPs(place, times.substr(dots + 2));
  if (outage.end_ps <= outage.begin_ps) {
    throw InputError(place, "'" + Printable(entry) + "' ends before it begins",
                     "write the earlier time first");
  }
  const auto joins = [&outage](const GraphLinkInfo& link) {
    return (link.a == outage.a && link.b == outage.b) || (link.a == outage.b && link.b == outage.a);
  };
  if (std::none_of(graph.Links().begin(), graph.Links().end(), joins)) {
    throw InputError(place, "no link joins '" + Printable(entry.substr(0, at)) + "'",
                     "name two neighbours; links.csv of a run lists them all");
  }
  return outage;
}

}  // namespace

void SetSwitching(OptionSet& options, const ns3::ddl::Switch& switches, ScenarioNetwork& network) {
  FabricConfig& fabric = network.fabric;
  switches.Configure(fabric);
  fabric.routing = RoutingOf(options);
  // TCP has no class of its own: its flow control is that of whole links.
  const bool wants_classes =
      (fabric.pfc.enabled && !network.is_tcp) || fabric.trims || fabric.has_telemetry;
  const std::string classes = options.Get("classes");
  if (classes != "auto" && classes != "true" && classes != "false") {
    throw InputError(options.Place("classes"), "'" + Printable(classes) + "' is not true or false",
                     "use true, false, or leave it out");
  }
  fabric.qos.has_classes = classes == "true" || (classes == "auto" && wants_classes);
  options.Resolve("classes", fabric.qos.has_classes ? "true" : "false");
  if (fabric.pfc.enabled && network.is_tcp && fabric.qos.has_classes) {
    throw InputError(options.Place("classes"), "flow control of TCP is that of whole links",
                     "leave it out, or --pfc");
  }
  if (fabric.trims && !fabric.qos.has_classes) {
    throw InputError(options.Place("trim"), "trimmed packets need a class of their own",
                     "leave out --classes=false");
  }
  if (fabric.trims && network.is_tcp) {
    throw InputError(options.Place("trim"), "only packets of --transport=rdma are trimmed",
                     "leave it out");
  }
  const uint32_t extra_bytes = fabric.has_telemetry ? kTelemetryWireBytes : 0;
  fabric.frame_bytes_max = DataFrameBytes(network.nic.payload_bytes, true) + extra_bytes;
  // The largest headers of IPv4 and TCP, and Ethernet's.
  if (network.is_tcp) fabric.frame_bytes_max = network.tcp.segment_bytes + 60 + 60 + 18;
  network.nic.reorder_packets = ReorderPackets(fabric, network.nic.reorder_packets);
}

void CheckSwitching(const OptionSet& options, ScenarioNetwork& network) {
  const std::string place = options.Place("link-down");
  std::istringstream entries(options.Get("link-down"));
  for (std::string entry; std::getline(entries, entry, ',');) {
    network.outages.push_back(ParseOutage(place, network.graph, entry));
  }
  for (const GraphNodeInfo& node : network.graph.Nodes()) {
    const double alpha = network.fabric.buffer_alpha;
    const double queue_bytes =
        static_cast<double>(node.config.buffer_bytes) * (alpha == 0 ? 1 : std::min(alpha, 1.0));
    if (node.is_host || queue_bytes >= network.fabric.frame_bytes_max) continue;
    throw InputError(options.Place("buffer"),
                     "a queue of " + node.name + " may hold " +
                         FormatSize(static_cast<uint64_t>(queue_bytes)) +
                         ", less than a packet of " + FormatSize(network.fabric.frame_bytes_max),
                     "raise --buffer or --buffer-alpha");
  }
  // Switches on the way; a regular network looks the same from every host.
  const uint32_t switch_hops = FarthestLinks(network.graph) - 1;
  if (network.fabric.has_telemetry && switch_hops > kTelemetryHopsMax) {
    throw InputError(options.Place("cc"),
                     "its telemetry holds " + std::to_string(kTelemetryHopsMax) +
                         " hops, and a path of this network has " + std::to_string(switch_hops),
                     "choose a flatter --topology or another --cc");
  }
}

void PlanLinkChanges(const ScenarioNetwork& network, Fabric& fabric) {
  for (const LinkOutage& outage : network.outages) {
    for (uint32_t port = 0; port < fabric.PortDetails().size(); ++port) {
      const PortDetail& detail = fabric.PortDetails()[port];
      if (detail.from != outage.a || detail.to != outage.b) continue;
      fabric.PlanLinkChange(port, outage.begin_ps, false);
      if (outage.end_ps != kNeverPs) fabric.PlanLinkChange(port, outage.end_ps, true);
    }
  }
}

}  // namespace ddlsim
