// SPDX-License-Identifier: GPL-2.0-only
#include "topology/fat-tree.h"

#include <algorithm>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr uint32_t kRadixMax = 256;

// Edge switches: one pod of `radix`, or `radix` pods of half as many.
uint64_t EdgesMax(uint32_t levels, uint64_t radix) {
  return levels == 3 ? radix * (radix / 2) : radix;
}

// The least even k whose tree holds the hosts.
uint32_t LeastRadix(const FatTreeSpec& spec) {
  uint32_t radix = 2;
  while (EdgesMax(spec.levels, radix) * (radix / 2 / spec.nics_per_plane) < spec.hosts) radix += 2;
  const uint64_t ports = uint64_t{2} * spec.hosts_per_edge * spec.nics_per_plane;
  return static_cast<uint32_t>(std::max<uint64_t>(radix, (ports + 1) & ~uint64_t{1}));
}

void CheckFatTreeShape(const FatTreeSpec& spec) {
  if (spec.levels != 2 && spec.levels != 3) {
    throw InputError("--levels", std::to_string(spec.levels) + " levels cannot be built",
                     "choose 2 or 3");
  }
  CheckHosts({2, spec.nics_per_host}, 2);
  if (spec.planes == 0 || spec.nics_per_host % spec.planes != 0) {
    throw InputError("--planes",
                     std::to_string(spec.planes) + " planes do not divide the " +
                         std::to_string(spec.nics_per_host) + " NICs of a host",
                     "choose a divisor of --nics-per-host");
  }
}

void CheckFatTreeHolds(const FatTreeSpec& spec) {
  CheckHosts({spec.hosts, spec.nics_per_host}, 2);
  const uint64_t capacity = EdgesMax(spec.levels, spec.radix) * spec.hosts_per_edge;
  if (spec.hosts <= capacity) return;
  throw InputError("--hosts",
                   std::to_string(spec.hosts) + " hosts do not fit a " +
                       std::to_string(spec.levels) + "-level fat-tree of radix " +
                       std::to_string(spec.radix) + " (" + std::to_string(capacity) + ")",
                   "raise --k or lower --hosts");
}

// One plane; its names begin with `plane`.
void AddPlane(NetworkGraph& graph, const FatTreeSpec& spec, const TopologyParts& parts,
              const std::string& plane) {
  const uint32_t edges = CeilDivide(spec.hosts, spec.hosts_per_edge);
  const uint32_t pods = CeilDivide(edges, spec.edges_per_pod);
  const std::string edge_kind = plane + "edge-", core_kind = plane + "core-";
  for (uint32_t edge = 0; edge < edges; ++edge) {
    graph.AddSwitch(NodeName(edge_kind, edge), parts.switches);
  }
  for (uint32_t pod = 0; pod < pods; ++pod) {
    for (uint32_t up = 0; up < spec.uplinks_per_edge; ++up) {
      const std::string name =
          spec.levels == 3 ? NodeName(plane + "agg-", pod, up) : NodeName(plane + "spine-", up);
      graph.AddSwitch(name, parts.switches);
      const uint32_t last = std::min(edges, (pod + 1) * spec.edges_per_pod);
      for (uint32_t edge = pod * spec.edges_per_pod; edge < last; ++edge) {
        graph.AddLink(NodeName(edge_kind, edge), name, parts.fabric_links);
      }
      for (uint32_t core = 0; core < spec.uplinks_per_aggregation; ++core) {
        graph.AddLink(name, NodeName(core_kind, up, core), parts.fabric_links);
      }
    }
  }
  for (uint32_t up = 0; spec.levels == 3 && up < spec.uplinks_per_edge; ++up) {
    for (uint32_t core = 0; core < spec.uplinks_per_aggregation; ++core) {
      graph.AddSwitch(NodeName(core_kind, up, core), parts.switches);
    }
  }
}

}  // namespace

FatTreeSpec ResolveFatTree(FatTreeSpec spec) {
  CheckFatTreeShape(spec);
  spec.nics_per_plane = spec.nics_per_host / spec.planes;
  if (spec.radix == 0) {
    if (spec.hosts == 0) spec.hosts = 16;
    CheckHosts({spec.hosts, spec.nics_per_host}, 2);
    spec.radix = LeastRadix(spec);
  }
  if (spec.radix < 2 || spec.radix % 2 != 0 || spec.radix > kRadixMax) {
    throw InputError("--k", std::to_string(spec.radix) + " is no possible radix",
                     "choose an even number from 2 to " + std::to_string(kRadixMax));
  }
  if (spec.hosts_per_edge == 0) spec.hosts_per_edge = spec.radix / 2 / spec.nics_per_plane;
  if (spec.hosts_per_edge == 0) {
    throw InputError("--k",
                     "an edge switch of radix " + std::to_string(spec.radix) +
                         " has no room for the " + std::to_string(spec.nics_per_plane) +
                         " NICs of a host",
                     "choose " + std::to_string(2 * spec.nics_per_plane) + " or more");
  }
  const uint32_t ports = spec.hosts_per_edge * spec.nics_per_plane;
  if (spec.oversubscription == 0 || ports % spec.oversubscription != 0) {
    throw InputError("--oversubscription",
                     std::to_string(spec.oversubscription) + " does not divide the " +
                         std::to_string(ports) + " ports to hosts of an edge switch",
                     "choose a divisor, or another --hosts-per-edge");
  }
  spec.uplinks_per_edge = ports / spec.oversubscription;
  spec.uplinks_per_aggregation = spec.levels == 3 ? spec.radix / 2 : 0;
  spec.edges_per_pod = spec.levels == 3 ? spec.radix / 2 : spec.radix;
  if (spec.hosts == 0) {
    const uint64_t capacity = EdgesMax(spec.levels, spec.radix) * spec.hosts_per_edge;
    const uint64_t hosts_max = kTopologyHostsMax / spec.nics_per_host;
    spec.hosts = static_cast<uint32_t>(std::min(capacity, hosts_max));
  }
  CheckFatTreeHolds(spec);
  return spec;
}

void AddFatTree(NetworkGraph& graph, const FatTreeSpec& spec, const TopologyParts& parts) {
  const TopologyHosts hosts(spec.hosts, spec.nics_per_host);
  const auto plane_name = [&spec](uint32_t plane) {
    return spec.planes == 1 ? std::string() : NodeName("plane-", plane) + "/";
  };
  for (uint32_t plane = 0; plane < spec.planes; ++plane) {
    AddPlane(graph, spec, parts, plane_name(plane));
  }
  for (uint32_t host = 0; host < spec.hosts; ++host) {
    for (uint32_t nic = 0; nic < spec.nics_per_host; ++nic) {
      const std::string name = NicName(hosts, host, nic);
      const std::string plane = plane_name(nic % spec.planes);
      graph.AddHost(name, plane);
      graph.AddLink(name, NodeName(plane + "edge-", host / spec.hosts_per_edge), parts.links);
    }
  }
}

}  // namespace ddlsim
