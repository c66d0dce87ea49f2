// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/input-error.h"
#include "base/quantity.h"
#include "hardware/yaml-file.h"
#include "hardware/yaml-map.h"
#include "topology/file-readers.h"

namespace ddlsim {
namespace {

constexpr uint64_t kValuesMax = 2u << 20;  // about 250,000 links
constexpr uint64_t kRadixMax = 1u << 20;

uint32_t LineOf(const YAML::Node& list, size_t index) {
  return static_cast<uint32_t>(std::max(0, list[index].Mark().line + 1));
}

// Sets what the map says; `loss` and the others stay as they are where it says nothing.
void ReadLinkConfig(const YamlMap& map, LinkConfig& link) {
  if (map.Has("rate")) link.rate_bps = ParseRateBps(map.Place("rate"), map.Text("rate"));
  if (map.Has("delay")) link.delay_ps = ParseDurationPs(map.Place("delay"), map.Text("delay"));
  if (map.Has("loss")) link.loss = ParseProbability(map.Place("loss"), map.Text("loss"));
}

void ReadSwitchConfig(const YamlMap& map, SwitchConfig& config) {
  if (map.Has("buffer")) {
    config.buffer_bytes = ParseSizeBytes(map.Place("buffer"), map.Text("buffer"));
  }
  if (map.Has("latency")) {
    config.latency_ps = ParseDurationPs(map.Place("latency"), map.Text("latency"));
  }
}

DraftNode ReadNode(const YamlMap& map, const SwitchConfig& defaults) {
  DraftNode node;
  node.name = map.Text("name");
  node.config = defaults;
  if (map.Choice("kind", {"host", "switch"}) == "host") {
    map.AllowOnly({"name", "kind"});
    node.kind = DraftKind::kHost;
    return node;
  }
  map.AllowOnly({"name", "kind", "buffer", "latency", "radix"});
  node.kind = DraftKind::kSwitch;
  ReadSwitchConfig(map, node.config);
  if (map.Has("radix")) node.radix = static_cast<uint32_t>(map.Count("radix", 1, kRadixMax));
  return node;
}

DraftLink ReadLink(const YamlMap& map, const LinkConfig& defaults) {
  map.AllowOnly({"ends", "rate", "delay", "loss", "back"});
  const std::vector<std::string> ends = map.Texts("ends");
  if (ends.size() != 2) {
    throw InputError(map.Place("ends"), "a link has " + std::to_string(ends.size()) + " ends",
                     "write, for example, ends: [host-0, switch-0]");
  }
  DraftLink link;
  link.a = ends[0];
  link.b = ends[1];
  link.config = defaults;
  ReadLinkConfig(map, link.config);
  link.back = link.config;
  if (map.Has("back")) {
    const YamlMap back = map.Map("back");
    back.AllowOnly({"rate", "delay", "loss"});
    ReadLinkConfig(back, link.back);
  }
  return link;
}

}  // namespace

void ReadYamlTopology(const std::string& text, const TopologyParts& parts, TopologyDraft& draft) {
  YamlLimits limits;
  limits.size_max_bytes = kTopologyYamlMaxBytes;
  limits.values_max = kValuesMax;
  limits.layout = "docs/topologies.md";
  const YAML::Node root = ParseYaml(draft.Place(), text, limits);
  const YamlMap map(root, draft.Place(), "a network");
  map.AllowOnly({"defaults", "nodes", "links"});
  SwitchConfig switches = parts.switches;
  LinkConfig links = parts.links;
  if (map.Has("defaults")) {
    const YamlMap defaults = map.Map("defaults");
    defaults.AllowOnly({"rate", "delay", "loss", "buffer", "latency"});
    ReadLinkConfig(defaults, links);
    ReadSwitchConfig(defaults, switches);
  }
  const std::vector<YamlMap> nodes = map.Maps("nodes", "a node");
  for (size_t i = 0; i < nodes.size(); ++i) {
    DraftNode node = ReadNode(nodes[i], switches);
    node.line = LineOf(root["nodes"], i);
    draft.AddNode(std::move(node));
  }
  const std::vector<YamlMap> list = map.Maps("links", "a link");
  for (size_t i = 0; i < list.size(); ++i) {
    DraftLink link = ReadLink(list[i], links);
    link.line = LineOf(root["links"], i);
    draft.AddLink(std::move(link));
  }
}

}  // namespace ddlsim
