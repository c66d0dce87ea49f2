// SPDX-License-Identifier: MIT
//
// Sizes at random: whatever is accepted is connected, has the hosts asked for, and every pair of
// them has a route; what is not accepted is refused as bad input.
#include <gtest/gtest.h>

#include <random>

#include "base/input-error.h"
#include "topology/builders.h"
#include "topology/graph-measures.h"

namespace ddlsim {
namespace {

class Sizes {
 public:
  explicit Sizes(uint64_t seed) : m_random(seed) {}
  uint32_t Between(uint32_t low, uint32_t high) {
    return low + static_cast<uint32_t>(m_random() % (high - low + 1));
  }
  uint32_t MaybeBetween(uint32_t low, uint32_t high) {
    return Between(0, 1) == 0 ? 0 : Between(low, high);
  }

 private:
  std::mt19937_64 m_random;
};

void AddAnyTree(NetworkGraph& graph, Sizes& sizes, const TopologyHosts& hosts) {
  FatTreeSpec fat_tree;
  fat_tree.hosts = hosts.host_count;
  fat_tree.nics_per_host = hosts.nics_per_host;
  fat_tree.levels = sizes.Between(2, 3);
  fat_tree.hosts_per_edge = sizes.MaybeBetween(1, 8);
  fat_tree.oversubscription = sizes.Between(1, 3);
  LeafSpineSpec leaf_spine;
  leaf_spine.hosts = hosts;
  leaf_spine.leaves = sizes.MaybeBetween(1, 9);
  leaf_spine.spines = sizes.MaybeBetween(1, 9);
  RailSpec rail;
  rail.hosts = hosts;
  rail.hosts_per_unit = sizes.MaybeBetween(1, 20);
  rail.spines = sizes.MaybeBetween(1, 9);
  WanSpec wan;
  wan.hosts = hosts;
  wan.sites = sizes.Between(1, 4);
  wan.has_leaf_spine = sizes.Between(0, 1) == 1;
  switch (sizes.Between(0, 4)) {
    case 0:
      return AddFatTree(graph, ResolveFatTree(fat_tree), {});
    case 1:
      return AddLeafSpine(graph, ResolveLeafSpine(leaf_spine), {});
    case 2:
      return AddRail(graph, ResolveRail(rail), {});
    case 3:
      return AddWan(graph, ResolveWan(wan), {});
    default:
      return AddTree(graph, hosts, sizes.Between(2, 5), {});
  }
}

void AddAnyDirect(NetworkGraph& graph, Sizes& sizes, const TopologyHosts& hosts) {
  GridSpec grid;
  grid.hosts = hosts;
  grid.dimension_count = sizes.Between(2, 3);
  grid.wraps = sizes.Between(0, 1) == 1;
  grid.hosts_per_switch = sizes.Between(1, 3);
  DragonflySpec dragonfly;
  dragonfly.hosts = hosts;
  dragonfly.p = sizes.MaybeBetween(1, 4);
  dragonfly.a = sizes.MaybeBetween(1, 5);
  dragonfly.h = sizes.MaybeBetween(1, 3);
  switch (sizes.Between(0, 4)) {
    case 0:
      return AddGrid(graph, ResolveGrid(grid), {});
    case 1:
      return AddDragonfly(graph, ResolveDragonfly(dragonfly), {});
    case 2:
      return AddFullMesh(graph, hosts, sizes.Between(1, 4), {});
    case 3:
      return AddHypercube(graph, hosts, sizes.Between(1, 4), {});
    default:
      return AddRing(graph, hosts, sizes.Between(1, 4), {});
  }
}

TEST(RandomSizes, AreConnectedAndRouted) {
  uint32_t accepted = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Sizes sizes(seed);
    const TopologyHosts hosts(sizes.Between(2, 30), sizes.Between(1, 3));
    NetworkGraph graph;
    try {
      if (seed % 2 == 0) {
        AddAnyTree(graph, sizes, hosts);
      } else {
        AddAnyDirect(graph, sizes, hosts);
      }
    } catch (const InputError&) {
      continue;
    }
    ++accepted;
    graph.Canonicalize();
    ASSERT_EQ(graph.HostCount(), hosts.host_count * hosts.nics_per_host);
    ASSERT_LE(RoutedDiameter(graph), SwitchCount(graph));
    for (uint32_t i = 0; i < graph.HostCount(); ++i) {
      ASSERT_EQ(graph.Nodes()[i].name,
                NicName(hosts, i / hosts.nics_per_host, i % hosts.nics_per_host));
    }
  }
  EXPECT_GT(accepted, 200u);
}

}  // namespace
}  // namespace ddlsim
