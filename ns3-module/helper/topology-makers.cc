// SPDX-License-Identifier: GPL-2.0-only
#include "topology-makers.h"

#include <algorithm>
#include <sstream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "scenario-topology.h"
#include "topology/builders.h"
#include "topology/topology-file.h"

namespace ddlsim {
namespace {

constexpr uint32_t kHostsDefault = 16;
constexpr uint32_t kSizeMax = 1u << 16;

std::string Text(uint32_t number) {
  return std::to_string(number);
}

uint32_t Size(const TopologyRequest& request, const char* name) {
  return CountOf(request.options, name, 1, kSizeMax);
}

uint32_t SizeOr(TopologyRequest& request, const char* name, uint32_t fallback) {
  const uint32_t size = Size(request, name);
  if (size == 0) request.options.Resolve(name, Text(fallback));
  return size == 0 ? fallback : size;
}

void MakeFatTree(TopologyRequest& request) {
  FatTreeSpec spec;
  spec.levels = CountOf(request.options, "levels", 2, 3);
  spec.radix = CountOf(request.options, "k", 2, 256);
  spec.hosts = request.wanted.host_count != 0 ? request.wanted.host_count
               : request.ranks != 0           ? std::max(2u, request.ranks)
               : spec.radix == 0              ? kHostsDefault
                                              : 0;
  spec.nics_per_host = request.wanted.nics_per_host;
  spec.planes = std::max(1u, CountOf(request.options, "planes", 1, kNicsPerHostMax));
  spec.hosts_per_edge = CountOf(request.options, "hosts-per-edge", 1, 256);
  spec.oversubscription = CountOf(request.options, "oversubscription", 1, 256);
  spec = ResolveFatTree(spec);
  request.options.Resolve("k", Text(spec.radix));
  request.options.Resolve("hosts-per-edge", Text(spec.hosts_per_edge));
  request.description = "fat-tree of " + Text(spec.levels) + " levels, k=" + Text(spec.radix);
  if (spec.planes > 1) request.description += ", " + Text(spec.planes) + " planes";
  if (spec.oversubscription > 1) {
    request.description += ", " + Text(spec.oversubscription) + ":1 oversubscribed";
  }
  AddFatTree(request.graph, spec, request.parts);
  request.host_count = spec.hosts;
}

LeafSpineSpec LeafSpineSizes(const TopologyRequest& request) {
  LeafSpineSpec spec;
  spec.leaves = Size(request, "leaves");
  spec.spines = Size(request, "spines");
  spec.hosts_per_leaf = Size(request, "hosts-per-leaf");
  return spec;
}

void MakeLeafSpine(TopologyRequest& request) {
  LeafSpineSpec spec = LeafSpineSizes(request);
  const bool is_sized = spec.leaves != 0 && spec.hosts_per_leaf != 0;
  spec.hosts = is_sized ? request.wanted : request.Hosts();
  spec = ResolveLeafSpine(spec);
  request.options.Resolve("leaves", Text(spec.leaves));
  request.options.Resolve("spines", Text(spec.spines));
  request.options.Resolve("hosts-per-leaf", Text(spec.hosts_per_leaf));
  request.description =
      "leaf-spine of " + Text(spec.leaves) + " leaves and " + Text(spec.spines) + " spines";
  AddLeafSpine(request.graph, spec, request.parts);
  request.host_count = spec.hosts.host_count;
}

void MakeRail(TopologyRequest& request) {
  RailSpec spec;
  spec.hosts = request.Hosts();
  spec.hosts_per_unit = Size(request, "hosts-per-unit");
  spec.spines = Size(request, "spines");
  spec = ResolveRail(spec);
  request.options.Resolve("hosts-per-unit", Text(spec.hosts_per_unit));
  request.options.Resolve("spines", Text(spec.spines));
  const uint32_t rails = spec.hosts.nics_per_host;
  request.description = "rail-optimised, " + Text(rails) + (rails == 1 ? " rail, " : " rails, ") +
                        Text(spec.hosts_per_unit) + " hosts per unit, " + Text(spec.spines) +
                        " spines";
  AddRail(request.graph, spec, request.parts);
  request.host_count = spec.hosts.host_count;
}

void MakeDragonfly(TopologyRequest& request) {
  DragonflySpec spec;
  spec.p = Size(request, "dragonfly-p");
  spec.a = Size(request, "dragonfly-a");
  spec.h = Size(request, "dragonfly-h");
  spec.groups = Size(request, "dragonfly-groups");
  const bool is_sized = spec.p != 0 || spec.a != 0 || spec.h != 0;
  spec.hosts = is_sized && request.ranks == 0 ? request.wanted : request.Hosts();
  spec = ResolveDragonfly(spec);
  request.options.Resolve("dragonfly-p", Text(spec.p));
  request.options.Resolve("dragonfly-a", Text(spec.a));
  request.options.Resolve("dragonfly-h", Text(spec.h));
  request.options.Resolve("dragonfly-groups", Text(spec.groups));
  request.description = "dragonfly of " + Text(spec.groups) + " groups, p=" + Text(spec.p) +
                        ", a=" + Text(spec.a) + ", h=" + Text(spec.h);
  AddDragonfly(request.graph, spec, request.parts);
  request.host_count = spec.hosts.host_count;
}

// "4x4x2"
std::vector<uint32_t> ParseDims(const OptionSet& options) {
  std::vector<uint32_t> dims;
  std::istringstream parts(options.Get("dims"));
  for (std::string part; std::getline(parts, part, 'x');) {
    dims.push_back(static_cast<uint32_t>(ParseCount(options.Place("dims"), part, 1, kSizeMax)));
  }
  return dims;
}

void MakeGrid(TopologyRequest& request, uint32_t dimension_count, bool wraps) {
  GridSpec spec;
  spec.dimension_count = dimension_count;
  spec.wraps = wraps;
  spec.dims = ParseDims(request.options);
  spec.hosts_per_switch = SizeOr(request, "hosts-per-switch", 1);
  spec.hosts = spec.dims.empty() ? request.Hosts() : request.wanted;
  spec = ResolveGrid(spec);
  request.options.Resolve("dims", DimsText(spec.dims));
  request.description = (wraps ? "torus of " : "mesh of ") + DimsText(spec.dims) + " switches";
  AddGrid(request.graph, spec, request.parts);
  request.host_count = spec.hosts.host_count;
}

void MakeTorus2d(TopologyRequest& request) {
  MakeGrid(request, 2, true);
}
void MakeTorus3d(TopologyRequest& request) {
  MakeGrid(request, 3, true);
}
void MakeMesh2d(TopologyRequest& request) {
  MakeGrid(request, 2, false);
}

void MakeStar(TopologyRequest& request) {
  request.description = "star (one switch)";
  AddStar(request.graph, request.Hosts(), request.parts);
  request.host_count = request.Hosts().host_count;
}

void MakeRing(TopologyRequest& request) {
  request.description = "ring of switches";
  AddRing(request.graph, request.Hosts(), SizeOr(request, "hosts-per-switch", 1), request.parts);
  request.host_count = request.Hosts().host_count;
}

void MakeTree(TopologyRequest& request) {
  const TopologyHosts hosts = request.Hosts();
  const uint32_t fanout = CountOf(request.options, "fanout", 2, kSizeMax);
  request.description = "tree of " + Text(TreeLevels(hosts.host_count, fanout)) + " levels, " +
                        Text(fanout) + " below each switch";
  AddTree(request.graph, hosts, fanout, request.parts);
  request.host_count = hosts.host_count;
}

void MakeFullMesh(TopologyRequest& request) {
  const TopologyHosts hosts = request.Hosts();
  const uint32_t per_switch = SizeOr(request, "hosts-per-switch", 1);
  request.description =
      "full mesh of " + Text(CeilDivide(hosts.host_count, per_switch)) + " switches";
  AddFullMesh(request.graph, hosts, per_switch, request.parts);
  request.host_count = hosts.host_count;
}

// Where nobody said how many hosts, there may be more than ranks.
void MakeHypercube(TopologyRequest& request) {
  TopologyHosts hosts = request.Hosts();
  const uint32_t per_switch = SizeOr(request, "hosts-per-switch", 1);
  uint32_t dimension = 0;
  while ((1u << dimension) < CeilDivide(hosts.host_count, per_switch)) ++dimension;
  if (request.wanted.host_count == 0) {
    hosts.host_count = std::max(hosts.host_count, per_switch << dimension);
  }
  request.description = "hypercube of " + Text(dimension) + " dimensions";
  AddHypercube(request.graph, hosts, per_switch, request.parts);
  request.host_count = hosts.host_count;
}

void MakeWan(TopologyRequest& request) {
  WanSpec spec;
  spec.hosts = request.Hosts();
  spec.sites = CountOf(request.options, "sites", 1, 1024);
  const std::string& site = request.options.Get("site");
  if (site != "star" && site != "leafspine") {
    throw InputError(request.options.Place("site"), "'" + Printable(site) + "' is no site",
                     "use star or leafspine");
  }
  spec.has_leaf_spine = site == "leafspine";
  if (spec.has_leaf_spine) {
    const LeafSpineSpec sizes = LeafSpineSizes(request);
    spec.leaves = sizes.leaves;
    spec.spines = sizes.spines;
    spec.hosts_per_leaf = sizes.hosts_per_leaf;
  }
  spec.wan_links = request.parts.links;
  const std::string rate_place = request.options.Place("wan-rate");
  if (request.options.Get("wan-rate").empty()) {
    request.options.Resolve("wan-rate", request.options.Get("link-rate"));
  }
  spec.wan_links.rate_bps = ParseRateBps(rate_place, request.options.Get("wan-rate"));
  CheckRate(rate_place, spec.wan_links.rate_bps);
  const std::string delay_place = request.options.Place("wan-delay");
  spec.wan_links.delay_ps = ParseDurationPs(delay_place, request.options.Get("wan-delay"));
  if (spec.wan_links.delay_ps == 0) {
    throw InputError(delay_place, "is zero", "set a delay above zero, such as 1ms");
  }
  spec = ResolveWan(spec);
  request.description = Text(spec.sites) + (spec.sites == 1 ? " site, a " : " sites, each a ") +
                        (spec.has_leaf_spine ? "leaf-spine" : "star") + ", " +
                        FormatRate(spec.wan_links.rate_bps) + " and " +
                        FormatDuration(spec.wan_links.delay_ps) + " between them";
  AddWan(request.graph, spec, request.parts);
  request.host_count = spec.hosts.host_count;
}

void MakePair(TopologyRequest& request) {
  const TopologyHosts hosts(
      request.wanted.host_count == 0 ? std::max(2u, request.ranks) : request.wanted.host_count,
      request.wanted.nics_per_host);
  request.description = "two hosts on one cable";
  AddPair(request.graph, hosts, request.parts.links);
  request.host_count = 2;
}

void MakeFromFile(TopologyRequest& request) {
  const std::string path = request.options.Get("topology").substr(std::string("file:").size());
  TopologyFileOptions options;
  options.format = request.options.Get("file-format");
  options.format_place = request.options.Place("file-format");
  options.parts = request.parts;
  options.hosts_per_switch = Size(request, "hosts-per-switch");
  TopologyFile file = ReadTopologyFile(path, options);
  // Each host of a file is a NIC; hosts with several take as many, in the order of names.
  const uint32_t nics = request.wanted.nics_per_host;
  const uint64_t wanted = uint64_t{request.wanted.host_count} * nics;
  if (file.host_count % nics != 0 || (wanted != 0 && wanted != file.host_count)) {
    const std::string remedy =
        nics == 1 ? "leave --hosts out" : "choose --hosts so that this is their number of NICs";
    throw InputError(request.options.Place("hosts"),
                     Printable(path, 200) + " has " + Text(file.host_count) + " hosts", remedy);
  }
  request.host_count = file.host_count / nics;
  request.description = "network of " + path.substr(path.rfind('/') + 1);
  request.graph = std::move(file.graph);
}

}  // namespace

TopologyHosts TopologyRequest::Hosts() const {
  TopologyHosts hosts = wanted;
  if (hosts.host_count == 0) hosts.host_count = ranks == 0 ? kHostsDefault : std::max(2u, ranks);
  return hosts;
}

const std::vector<TopologyMaker>& TopologyMakers() {
  static const std::vector<TopologyMaker> makers{
      {"fattree", MakeFatTree},   {"leafspine", MakeLeafSpine},
      {"rail", MakeRail},         {"dragonfly", MakeDragonfly},
      {"torus2d", MakeTorus2d},   {"torus3d", MakeTorus3d},
      {"mesh2d", MakeMesh2d},     {"ring", MakeRing},
      {"tree", MakeTree},         {"star", MakeStar},
      {"fullmesh", MakeFullMesh}, {"hypercube", MakeHypercube},
      {"wan", MakeWan},           {"pair", MakePair},
      {"file", MakeFromFile}};
  return makers;
}

}  // namespace ddlsim
