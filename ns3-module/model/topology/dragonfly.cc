// SPDX-License-Identifier: GPL-2.0-only
#include "topology/dragonfly.h"

#include <algorithm>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr uint32_t kSizeMax = 4096;

uint64_t GroupsMax(const DragonflySpec& spec) {
  return uint64_t{spec.a} * spec.h + 1;
}

// Fills in p, a and h by the balance of section 3.1, from those that are given.
void Balance(DragonflySpec& spec) {
  const auto fill = [&spec](DragonflySpec filled, uint32_t half) {
    const uint32_t nics = spec.hosts.nics_per_host;
    if (filled.h == 0) filled.h = half;
    if (filled.a == 0) filled.a = 2 * half;
    if (filled.p == 0) filled.p = std::max(1u, half / nics);
    return filled;
  };
  uint32_t half = 0;
  if (spec.p != 0) half = spec.p * spec.hosts.nics_per_host;
  if (spec.a != 0) half = std::max(1u, spec.a / 2);
  if (spec.h != 0) half = spec.h;
  if (half == 0) {
    const auto holds = [&](uint32_t candidate) {
      const DragonflySpec filled = fill(spec, candidate);
      const uint64_t groups = spec.groups == 0 ? GroupsMax(filled) : spec.groups;
      return uint64_t{filled.p} * filled.a * groups >= spec.hosts.host_count;
    };
    half = spec.hosts.nics_per_host;
    while (half < kSizeMax && !holds(half)) ++half;
  }
  spec = fill(spec, half);
}

void CheckGroups(const DragonflySpec& spec) {
  if (spec.groups > GroupsMax(spec)) {
    throw InputError("--dragonfly-groups",
                     std::to_string(spec.groups) + " groups do not fit " + std::to_string(spec.a) +
                         " routers of " + std::to_string(spec.h) +
                         " links to other groups (at most " + std::to_string(GroupsMax(spec)) + ")",
                     "raise --dragonfly-a or --dragonfly-h");
  }
  const uint64_t capacity = uint64_t{spec.p} * spec.a * spec.groups;
  if (spec.hosts.host_count > capacity) {
    throw InputError("--hosts",
                     std::to_string(spec.hosts.host_count) + " hosts do not fit a dragonfly of p=" +
                         std::to_string(spec.p) + ", a=" + std::to_string(spec.a) +
                         ", h=" + std::to_string(spec.h) + " and " + std::to_string(spec.groups) +
                         " groups (" + std::to_string(capacity) + ")",
                     "raise these or lower --hosts");
  }
  const uint64_t inside = uint64_t{spec.a} * (spec.a - 1) / 2 * spec.groups;
  CheckLinkCount("--dragonfly-a", inside + uint64_t{spec.groups} * spec.a * spec.h / 2);
}

}  // namespace

DragonflySpec ResolveDragonfly(DragonflySpec spec) {
  const bool is_sized = spec.p != 0 || spec.a != 0 || spec.h != 0;
  if (spec.hosts.host_count == 0 && !is_sized) spec.hosts.host_count = 16;
  if (spec.hosts.host_count != 0) CheckHosts(spec.hosts, 2);
  for (uint32_t size : {spec.p, spec.a, spec.h}) {
    if (size > kSizeMax) {
      throw InputError("--dragonfly-a", std::to_string(size) + " is out of range",
                       "choose sizes of " + std::to_string(kSizeMax) + " at most");
    }
  }
  Balance(spec);
  if (spec.groups == 0) {
    const uint64_t needed = spec.hosts.host_count == 0
                                ? GroupsMax(spec)
                                : CeilDivide(spec.hosts.host_count, spec.p * spec.a);
    spec.groups = static_cast<uint32_t>(std::min(needed, GroupsMax(spec)));
  }
  if (spec.hosts.host_count == 0) {
    const uint64_t capacity = uint64_t{spec.p} * spec.a * spec.groups;
    spec.hosts.host_count = static_cast<uint32_t>(std::min<uint64_t>(capacity, UINT32_MAX));
    CheckHosts(spec.hosts, 2);
  }
  CheckGroups(spec);
  return spec;
}

uint32_t LinksBetweenGroups(const DragonflySpec& spec) {
  return spec.groups <= 1 ? 0 : spec.a * spec.h / (spec.groups - 1);
}

void AddDragonfly(NetworkGraph& graph, const DragonflySpec& spec, const TopologyParts& parts) {
  const std::string router = "router-";
  for (uint32_t group = 0; group < spec.groups; ++group) {
    for (uint32_t i = 0; i < spec.a; ++i) {
      graph.AddSwitch(NodeName(router, group, i), parts.switches);
      for (uint32_t j = i + 1; j < spec.a; ++j) {
        graph.AddLink(NodeName(router, group, i), NodeName(router, group, j), parts.fabric_links);
      }
    }
    for (uint32_t other = group + 1; other < spec.groups; ++other) {
      const uint32_t ahead = other - group, behind = spec.groups - ahead;
      for (uint32_t copy = 0; copy < LinksBetweenGroups(spec); ++copy) {
        const uint32_t first = copy * (spec.groups - 1);
        graph.AddLink(NodeName(router, group, (first + ahead - 1) / spec.h),
                      NodeName(router, other, (first + behind - 1) / spec.h), parts.fabric_links);
      }
    }
  }
  for (uint32_t host = 0; host < spec.hosts.host_count; ++host) {
    const uint32_t index = host / spec.p;
    AddHostAt(graph, spec.hosts, host, NodeName(router, index / spec.a, index % spec.a),
              parts.links);
  }
}

}  // namespace ddlsim
