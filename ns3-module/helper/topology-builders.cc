// SPDX-License-Identifier: GPL-2.0-only
#include "topology-builders.h"

#include <algorithm>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr uint32_t kHostsMax = 1u << 20;  // a host number has 20 bits in the keys of timers
constexpr uint32_t kRadixMax = 256;

std::string Name(const char* kind, uint32_t index) {
  return kind + std::to_string(index);
}
std::string Name(const char* kind, uint32_t pod, uint32_t index) {
  return kind + std::to_string(pod) + "-" + std::to_string(index);
}

uint64_t Capacity(uint32_t levels, uint64_t radix) {
  return levels == 3 ? radix * radix * radix / 4 : radix * radix / 2;
}

void CheckHosts(uint32_t hosts, uint32_t hosts_min) {
  if (hosts < hosts_min || hosts > kHostsMax) {
    throw InputError(
        "--hosts", std::to_string(hosts) + " is out of range",
        "choose from " + std::to_string(hosts_min) + " to " + std::to_string(kHostsMax));
  }
}

}  // namespace

FatTreeSpec ResolveFatTree(FatTreeSpec spec) {
  if (spec.levels != 2 && spec.levels != 3) {
    throw InputError("--levels", std::to_string(spec.levels) + " levels cannot be built",
                     "choose 2 or 3");
  }
  if (spec.radix == 0) {
    if (spec.hosts == 0) spec.hosts = 16;
    CheckHosts(spec.hosts, 2);
    uint32_t radix = 2;
    while (Capacity(spec.levels, radix) < spec.hosts) radix += 2;
    if (spec.hosts_per_edge != 0) radix = std::max(radix, (2 * spec.hosts_per_edge + 1) & ~1u);
    spec.radix = radix;
  }
  if (spec.radix < 2 || spec.radix % 2 != 0 || spec.radix > kRadixMax) {
    throw InputError("--k", std::to_string(spec.radix) + " is no possible radix",
                     "choose an even number from 2 to " + std::to_string(kRadixMax));
  }
  if (spec.hosts_per_edge == 0) spec.hosts_per_edge = spec.radix / 2;
  if (spec.oversubscription == 0 || spec.hosts_per_edge % spec.oversubscription != 0) {
    throw InputError("--oversubscription",
                     std::to_string(spec.oversubscription) + " does not divide the " +
                         std::to_string(spec.hosts_per_edge) + " hosts per edge switch",
                     "choose a divisor, or another --hosts-per-edge");
  }
  spec.uplinks_per_edge = spec.hosts_per_edge / spec.oversubscription;
  spec.uplinks_per_aggregation = spec.levels == 3 ? spec.radix / 2 : 0;
  spec.edges_per_pod = spec.levels == 3 ? spec.radix / 2 : spec.radix;
  const uint64_t pods = spec.levels == 3 ? spec.radix : 1;
  const uint64_t capacity = pods * spec.edges_per_pod * spec.hosts_per_edge;
  if (spec.hosts == 0) spec.hosts = static_cast<uint32_t>(std::min<uint64_t>(capacity, kHostsMax));
  CheckHosts(spec.hosts, 2);
  if (spec.hosts > capacity) {
    throw InputError("--hosts",
                     std::to_string(spec.hosts) + " hosts do not fit a " +
                         std::to_string(spec.levels) + "-level fat-tree of radix " +
                         std::to_string(spec.radix) + " (" + std::to_string(capacity) + ")",
                     "raise --k or lower --hosts");
  }
  return spec;
}

NetworkGraph BuildFatTree(const FatTreeSpec& spec, const SwitchConfig& switches,
                          const LinkConfig& links, const LinkConfig& fabric_links) {
  NetworkGraph graph;
  const uint32_t edges = (spec.hosts + spec.hosts_per_edge - 1) / spec.hosts_per_edge;
  const uint32_t pods = (edges + spec.edges_per_pod - 1) / spec.edges_per_pod;
  for (uint32_t host = 0; host < spec.hosts; ++host) graph.AddHost(Name("host-", host));
  for (uint32_t edge = 0; edge < edges; ++edge) graph.AddSwitch(Name("edge-", edge), switches);
  for (uint32_t host = 0; host < spec.hosts; ++host) {
    graph.AddLink(Name("host-", host), Name("edge-", host / spec.hosts_per_edge), links);
  }
  const char* second = spec.levels == 3 ? "agg-" : "spine-";
  for (uint32_t pod = 0; pod < pods; ++pod) {
    for (uint32_t up = 0; up < spec.uplinks_per_edge; ++up) {
      const std::string name = spec.levels == 3 ? Name(second, pod, up) : Name(second, up);
      graph.AddSwitch(name, switches);
      const uint32_t last = std::min(edges, (pod + 1) * spec.edges_per_pod);
      for (uint32_t edge = pod * spec.edges_per_pod; edge < last; ++edge) {
        graph.AddLink(Name("edge-", edge), name, fabric_links);
      }
      for (uint32_t core = 0; core < spec.uplinks_per_aggregation; ++core) {
        graph.AddLink(name, Name("core-", up, core), fabric_links);
      }
    }
  }
  for (uint32_t up = 0; spec.levels == 3 && up < spec.uplinks_per_edge; ++up) {
    for (uint32_t core = 0; core < spec.uplinks_per_aggregation; ++core) {
      graph.AddSwitch(Name("core-", up, core), switches);
    }
  }
  graph.Canonicalize();
  return graph;
}

NetworkGraph BuildStar(uint32_t hosts, const SwitchConfig& switches, const LinkConfig& links) {
  CheckHosts(hosts, 2);
  NetworkGraph graph;
  graph.AddSwitch("switch-0", switches);
  for (uint32_t host = 0; host < hosts; ++host) {
    graph.AddHost(Name("host-", host));
    graph.AddLink(Name("host-", host), "switch-0", links);
  }
  graph.Canonicalize();
  return graph;
}

NetworkGraph BuildRing(uint32_t hosts, const SwitchConfig& switches, const LinkConfig& links) {
  CheckHosts(hosts, 2);
  NetworkGraph graph;
  for (uint32_t host = 0; host < hosts; ++host) {
    graph.AddHost(Name("host-", host));
    graph.AddSwitch(Name("switch-", host), switches);
    graph.AddLink(Name("host-", host), Name("switch-", host), links);
  }
  // A ring of two is a line: a second link between the same switches would be another network.
  const uint32_t ring_links = hosts == 2 ? 1 : hosts;
  for (uint32_t i = 0; i < ring_links; ++i) {
    graph.AddLink(Name("switch-", i), Name("switch-", (i + 1) % hosts), links);
  }
  graph.Canonicalize();
  return graph;
}

NetworkGraph BuildPair(const LinkConfig& links) {
  NetworkGraph graph;
  graph.AddHost("host-0");
  graph.AddHost("host-1");
  graph.AddLink("host-0", "host-1", links);
  graph.Canonicalize();
  return graph;
}

}  // namespace ddlsim
