// SPDX-License-Identifier: GPL-2.0-only
#include "topology/grid.h"

#include <algorithm>

#include "base/input-error.h"
#include "topology/switch-blocks.h"

namespace ddlsim {
namespace {

// `count` as a product of factors that differ as little as may be, the largest first.
std::vector<uint32_t> NearEqualFactors(uint32_t count, uint32_t factors) {
  if (factors == 1) return {count};
  const auto fits = [factors](uint64_t side, uint64_t whole) {
    uint64_t power = 1;
    for (uint32_t i = 0; i < factors; ++i) power *= side;
    return power <= whole;
  };
  uint32_t least = 1;
  for (uint32_t side = 1; fits(side, count); ++side) {
    if (count % side == 0) least = side;
  }
  std::vector<uint32_t> dims = NearEqualFactors(count / least, factors - 1);
  dims.push_back(least);
  return dims;
}

uint64_t Product(const std::vector<uint32_t>& dims) {
  uint64_t product = 1;
  for (uint32_t dim : dims) product *= dim;
  return product;
}

std::string SwitchName(const std::vector<uint32_t>& dims, uint32_t index) {
  std::string name;
  for (size_t d = dims.size(); d-- > 0;) {
    name.insert(0, "-" + std::to_string(index % dims[d]));
    index /= dims[d];
  }
  return "switch" + name;
}

}  // namespace

std::string DimsText(const std::vector<uint32_t>& dims) {
  std::string text;
  for (uint32_t dim : dims) text += (text.empty() ? "" : "x") + std::to_string(dim);
  return text;
}

GridSpec ResolveGrid(GridSpec spec) {
  if (!spec.dims.empty() && spec.dims.size() != spec.dimension_count) {
    throw InputError(
        "--dims",
        DimsText(spec.dims) + " has " + std::to_string(spec.dims.size()) +
            " dimensions, and this topology " + std::to_string(spec.dimension_count),
        spec.dimension_count == 2 ? "write, for example, 4x4" : "write, for example, 4x4x2");
  }
  const uint64_t product = Product(spec.dims);
  if (product == 0 || product > kTopologyHostsMax) {
    throw InputError(
        "--dims", DimsText(spec.dims) + " has a size out of range",
        "choose sizes from 1 on whose product is at most " + std::to_string(kTopologyHostsMax));
  }
  if (spec.hosts.host_count == 0) {
    const uint64_t hosts = spec.dims.empty() ? 16 : product * spec.hosts_per_switch;
    spec.hosts.host_count = static_cast<uint32_t>(std::min<uint64_t>(hosts, UINT32_MAX));
  }
  const uint32_t switches = SwitchBlockCount(spec.hosts, spec.hosts_per_switch);
  if (spec.dims.empty()) spec.dims = NearEqualFactors(switches, spec.dimension_count);
  if (Product(spec.dims) != switches) {
    throw InputError("--dims",
                     DimsText(spec.dims) + " has " + std::to_string(product) +
                         " switches, and the hosts need " + std::to_string(switches),
                     "choose sizes whose product is that, or leave --dims or --hosts out");
  }
  return spec;
}

void AddGrid(NetworkGraph& graph, const GridSpec& spec, const TopologyParts& parts) {
  const uint32_t switches = static_cast<uint32_t>(Product(spec.dims));
  for (uint32_t i = 0; i < switches; ++i) {
    const std::string name = SwitchName(spec.dims, i);
    graph.AddSwitch(name, parts.switches);
    uint32_t stride = 1;
    for (size_t d = spec.dims.size(); d-- > 0; stride *= spec.dims[d]) {
      const uint32_t dim = spec.dims[d], at = i / stride % dim;
      if (at + 1 < dim) graph.AddLink(name, SwitchName(spec.dims, i + stride), parts.fabric_links);
      if (!spec.wraps || dim <= 2 || at + 1 != dim) continue;
      graph.AddLink(name, SwitchName(spec.dims, i - at * stride), parts.fabric_links);
    }
  }
  for (uint32_t host = 0; host < spec.hosts.host_count; ++host) {
    AddHostAt(graph, spec.hosts, host, SwitchName(spec.dims, host / spec.hosts_per_switch),
              parts.links);
  }
}

}  // namespace ddlsim
