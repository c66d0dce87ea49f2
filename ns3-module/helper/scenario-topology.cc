// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-topology.h"

#include <algorithm>

#include "base/input-error.h"
#include "base/quantity.h"
#include "topology-makers.h"

namespace ddlsim {
namespace {

// The part before a colon: "file" of "file:PATH".
std::string NameOf(const std::string& topology) {
  return topology.substr(0, topology.find(':'));
}

const OptionSpec& SpecOf(const std::string& name) {
  const std::vector<OptionSpec>& table = ScenarioOptionTable();
  return *std::find_if(table.begin(), table.end(),
                       [&name](const OptionSpec& spec) { return spec.name == name; });
}

// The links between switches, where the topology has some that are not stated by a file.
LinkConfig FabricLinks(OptionSet& options, const LinkConfig& links) {
  LinkConfig fabric_links = links;
  if (!options.IsRelevant(SpecOf("fabric-link-rate"))) return fabric_links;
  if (options.Get("fabric-link-rate").empty()) {
    options.Resolve("fabric-link-rate", options.Get("link-rate"));
  }
  const std::string place = options.Place("fabric-link-rate");
  fabric_links.rate_bps = ParseRateBps(place, options.Get("fabric-link-rate"));
  CheckRate(place, fabric_links.rate_bps);
  return fabric_links;
}

}  // namespace

std::vector<std::string> TopologyNames() {
  std::vector<std::string> names;
  for (const TopologyMaker& maker : TopologyMakers()) names.push_back(maker.name);
  return names;
}

void CheckTopology(const OptionSet& options) {
  const std::string& topology = options.Get("topology");
  const bool has_colon = topology.find(':') != std::string::npos;
  const std::vector<std::string> names = TopologyNames();
  const std::string name = NameOf(topology);
  const bool is_known = std::find(names.begin(), names.end(), name) != names.end();
  if (is_known && has_colon == (name == "file")) return;
  if (name == "file") {
    throw InputError(options.Place("topology"), "names no file", "write file:PATH");
  }
  throw InputError(options.Place("topology"), "'" + Printable(topology) + "' is no topology",
                   Suggest(topology, names));
}

void CheckRate(const std::string& place, uint64_t rate_bps) {
  if (rate_bps <= 100000000000000) return;
  throw InputError(place, "is above 100 Tb/s", "set a rate such as 400Gbps");
}

LinkConfig HostLinks(const OptionSet& options) {
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

uint32_t CountOf(const OptionSet& options, const std::string& name, uint64_t low, uint64_t high) {
  const std::string& text = options.Get(name);
  if (text.empty()) return 0;
  return static_cast<uint32_t>(ParseCount(options.Place(name), text, low, high));
}

ScenarioTopology MakeScenarioTopology(OptionSet& options, const TopologyHosts& hosts,
                                      uint32_t ranks, const SwitchConfig& switches) {
  CheckTopology(options);
  const LinkConfig links = HostLinks(options);
  TopologyRequest request{options, hosts, ranks, {switches, links, links}, {}, 0, {}};
  request.parts.fabric_links = FabricLinks(options, links);
  const std::string name = NameOf(options.Get("topology"));
  for (const TopologyMaker& maker : TopologyMakers()) {
    if (name == maker.name) maker.make(request);
  }
  if (request.host_count < ranks) {
    throw InputError(options.Place("topology"),
                     "the network's " + std::to_string(request.host_count) +
                         " hosts cannot hold the workload's " + std::to_string(ranks) +
                         " ranks (one GPU per host)",
                     "choose larger sizes");
  }
  options.Resolve("hosts", std::to_string(request.host_count));
  if (request.parts.fabric_links.rate_bps != links.rate_bps) {
    request.description +=
        ", " + FormatRate(request.parts.fabric_links.rate_bps) + " between switches";
  }
  return {std::move(request.graph), request.host_count, request.description};
}

}  // namespace ddlsim
