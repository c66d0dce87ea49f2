// SPDX-License-Identifier: MIT
//
// Counts, degrees, diameters and bisections in closed form.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "fabric/fabric.h"
#include "topology/builders.h"
#include "topology/graph-measures.h"

namespace ddlsim {
namespace {

// Al-Fares et al., SIGCOMM 2008, section 3.2: k^3/4 hosts, 5k^2/4 switches of k ports, no blocking.
TEST(Builders, FatTreeOfThreeLevels) {
  for (uint32_t k : {2u, 4u, 6u}) {
    FatTreeSpec spec;
    spec.radix = k;
    spec = ResolveFatTree(spec);
    const NetworkGraph graph = GraphOf([&](NetworkGraph& g) { AddFatTree(g, spec, {}); });
    EXPECT_EQ(graph.HostCount(), k * k * k / 4);
    EXPECT_EQ(SwitchCount(graph), 5 * k * k / 4);
    EXPECT_EQ(FabricLinkCount(graph), k * k * k / 2);
    EXPECT_EQ(Degrees(graph).low, k);
    EXPECT_EQ(Degrees(graph).high, k);
    EXPECT_EQ(RoutedDiameter(graph), 4u);
    EXPECT_EQ(HalvesCut(graph), graph.HostCount() / 2);
  }
}

TEST(Builders, OversubscriptionIsTheShareOfTheBisection) {
  for (uint32_t factor : {1u, 2u, 4u}) {
    FatTreeSpec spec;
    spec.levels = 2;
    spec.radix = 8;
    spec.oversubscription = factor;
    spec = ResolveFatTree(spec);
    const NetworkGraph graph = GraphOf([&](NetworkGraph& g) { AddFatTree(g, spec, {}); });
    EXPECT_EQ(graph.HostCount(), 32u);
    EXPECT_EQ(RoutedDiameter(graph), 2u);
    EXPECT_EQ(HalvesCut(graph), 16u / factor);
  }
}

// Planes share nothing; the graph takes what others add to it before it is made canonical.
TEST(Builders, PlanesOfAFatTree) {
  FatTreeSpec spec;
  spec.hosts = 8;
  spec.nics_per_host = 4;
  spec.planes = 2;
  spec = ResolveFatTree(spec);
  EXPECT_EQ(spec.nics_per_plane, 2u);
  NetworkGraph graph;
  AddFatTree(graph, spec, {});
  NetworkGraph apart = graph;
  apart.Canonicalize();
  const Fabric fabric(apart, {});
  for (uint32_t a = 0; a < apart.HostCount(); ++a) {
    const uint32_t like = (a + 2) % apart.HostCount(), other = (a + 1) % apart.HostCount();
    EXPECT_EQ(apart.Nodes()[a].domain, apart.Nodes()[like].domain);
    EXPECT_NE(apart.Nodes()[a].domain, apart.Nodes()[other].domain);
    EXPECT_NO_THROW(fabric.Path(a, like, 0));
    EXPECT_THROW(fabric.Path(a, other, 0), std::logic_error);
  }
  // A plane itself is whole.
  apart.AddSwitch("lone", {});
  apart.AddHost("host-9/nic-0", "plane-0/");
  apart.AddLink("host-9/nic-0", "lone", {});
  EXPECT_NE(RefusalOf([&] { apart.Canonicalize(); }).find("cannot be reached"), std::string::npos);
  graph.AddSwitch("bridge", {});
  for (const char* edge : {"plane-0/edge-0", "plane-1/edge-0"}) graph.AddLink("bridge", edge, {});
  graph.Canonicalize();
  EXPECT_EQ(graph.HostCount(), 32u);
  EXPECT_EQ(graph.Nodes()[5].name, "host-1/nic-1");
  uint32_t between = 0;
  for (const GraphLinkInfo& link : graph.Links()) {
    const std::string &a = graph.Nodes()[link.a].name, &b = graph.Nodes()[link.b].name;
    if (link.a < graph.HostCount()) {
      const char* plane = (a.back() - '0') % 2 == 0 ? "plane-0/edge-" : "plane-1/edge-";
      EXPECT_EQ(b.rfind(plane, 0), 0u) << a << " at " << b;
    } else if (a.substr(0, 7) != b.substr(0, 7)) {
      ++between;
    }
  }
  EXPECT_EQ(between, 2u);  // those of the bridge
}

TEST(Builders, LeafSpine) {
  LeafSpineSpec spec;
  spec.leaves = 4;
  spec.hosts_per_leaf = 4;
  spec.spines = 2;
  spec = ResolveLeafSpine(spec);
  const NetworkGraph graph = GraphOf([&](NetworkGraph& g) { AddLeafSpine(g, spec, {}); });
  EXPECT_EQ(graph.HostCount(), 16u);
  EXPECT_EQ(FabricLinkCount(graph), 8u);
  EXPECT_EQ(Degrees(graph, "leaf-").high, 6u);
  EXPECT_EQ(Degrees(graph, "spine-").low, 4u);
  EXPECT_EQ(RoutedDiameter(graph), 2u);
  EXPECT_EQ(HalvesCut(graph), 4u);  // of 8: two hosts per uplink
}

// NICs of one rail meet at one leaf within their unit; all others are two links apart.
TEST(Builders, Rail) {
  RailSpec spec;
  spec.hosts = {12, 4};
  spec.hosts_per_unit = 6;
  spec = ResolveRail(spec);
  const NetworkGraph graph = GraphOf([&](NetworkGraph& g) { AddRail(g, spec, {}); });
  EXPECT_EQ(graph.HostCount(), 48u);
  EXPECT_EQ(SwitchCount(graph), 2 * 4 + 6u);
  EXPECT_EQ(FabricLinkCount(graph), 2 * 4 * 6u);
  EXPECT_EQ(HalvesCut(graph), 24u);
  const Fabric fabric(graph, {});
  for (uint32_t a = 0; a < 48; ++a) {
    for (uint32_t b = 0; b < 48; ++b) {
      if (a == b) continue;
      const bool is_same_leaf = a / 24 == b / 24 && a % 4 == b % 4;
      ASSERT_EQ(fabric.Path(a, b, b).size(), is_same_leaf ? 2u : 4u) << a << " to " << b;
    }
  }
}

// Kim et al., ISCA 2008, section 3.1: N = ap(ah + 1) hosts, routers of p + a - 1 + h ports, at most
// one link between groups and one before and behind it.
TEST(Builders, Dragonfly) {
  for (uint32_t h : {1u, 2u, 3u}) {
    DragonflySpec spec;
    spec.p = spec.h = h;
    spec.a = 2 * h;
    spec = ResolveDragonfly(spec);
    const uint32_t groups = 2 * h * h + 1;
    const NetworkGraph graph = GraphOf([&](NetworkGraph& g) { AddDragonfly(g, spec, {}); });
    EXPECT_EQ(graph.HostCount(), 2 * h * h * groups);
    EXPECT_EQ(SwitchCount(graph), 2 * h * groups);
    EXPECT_EQ(FabricLinkCount(graph), groups * h * (2 * h - 1) + groups * (groups - 1) / 2);
    EXPECT_EQ(Degrees(graph).low, 4 * h - 1);
    EXPECT_EQ(Degrees(graph).high, 4 * h - 1);
    EXPECT_EQ(RoutedDiameter(graph), 3u);
  }
}

TEST(Builders, SmallDragonflyJoinsGroupsSeveralTimes) {
  DragonflySpec spec;
  spec.hosts = 16;
  spec = ResolveDragonfly(spec);
  EXPECT_EQ(spec.h, 2u);  // h = 1 holds 6 hosts
  EXPECT_EQ(spec.groups, 2u);
  EXPECT_EQ(LinksBetweenGroups(spec), 8u);
  const NetworkGraph graph = GraphOf([&](NetworkGraph& g) { AddDragonfly(g, spec, {}); });
  EXPECT_EQ(Degrees(graph).low, 7u);
  EXPECT_EQ(Degrees(graph).high, 7u);
  EXPECT_EQ(HalvesCut(graph), 8u);
}

NetworkGraph Grid(const std::vector<uint32_t>& dims, bool wraps, uint32_t per_switch = 1) {
  GridSpec spec;
  spec.dimension_count = static_cast<uint32_t>(dims.size());
  spec.dims = dims;
  spec.wraps = wraps;
  spec.hosts_per_switch = per_switch;
  spec = ResolveGrid(spec);
  return GraphOf([&](NetworkGraph& g) { AddGrid(g, spec, {}); });
}

// Dally and Towles, "Principles and Practices of Interconnection Networks", chapter 5: a k-ary
// n-cube of N nodes has diameter n * floor(k/2) and bisection 4N/k in channels, 2N/k in links; a
// mesh half.
TEST(Builders, ToriAndMeshes) {
  for (uint32_t k : {4u, 6u}) {
    const NetworkGraph torus = Grid({k, k}, true, k), mesh = Grid({k, k}, false, k);
    EXPECT_EQ(FabricLinkCount(torus), 2 * k * k);
    EXPECT_EQ(FabricLinkCount(mesh), 2 * k * (k - 1));
    EXPECT_EQ(Degrees(torus).low, 4 + k);
    EXPECT_EQ(Degrees(mesh).low, 2 + k);
    EXPECT_EQ(Degrees(mesh).high, 4 + k);
    EXPECT_EQ(RoutedDiameter(torus), 2 * (k / 2));
    EXPECT_EQ(RoutedDiameter(mesh), 2 * (k - 1));
    EXPECT_EQ(HalvesCut(torus), 2 * k);
    EXPECT_EQ(HalvesCut(mesh), k);
  }
  const NetworkGraph cube = Grid({4, 4, 4}, true, 2);
  EXPECT_EQ(FabricLinkCount(cube), 3 * 64u);
  EXPECT_EQ(RoutedDiameter(cube), 6u);
  EXPECT_EQ(HalvesCut(cube), 32u);
  // Two switches in a dimension have one link, and one has none.
  EXPECT_EQ(FabricLinkCount(Grid({2, 2}, true)), 4u);
  EXPECT_EQ(FabricLinkCount(Grid({5, 1}, true)), 5u);
}

TEST(Builders, HypercubeAndFullMesh) {
  for (uint32_t n : {1u, 3u, 5u}) {
    const uint32_t switches = 1u << n;
    const NetworkGraph cube =
        GraphOf([&](NetworkGraph& g) { AddHypercube(g, 2 * switches, 2, {}); });
    EXPECT_EQ(SwitchCount(cube), switches);
    EXPECT_EQ(FabricLinkCount(cube), n * switches / 2);
    EXPECT_EQ(RoutedDiameter(cube), n);
    EXPECT_EQ(HalvesCut(cube), switches / 2);
    const NetworkGraph mesh =
        GraphOf([&](NetworkGraph& g) { AddFullMesh(g, 16 * switches, 16, {}); });
    EXPECT_EQ(FabricLinkCount(mesh), switches * (switches - 1) / 2);
    EXPECT_EQ(RoutedDiameter(mesh), 1u);
    EXPECT_EQ(HalvesCut(mesh), std::min(switches * switches / 4, 8 * switches));
  }
}

TEST(Builders, RingStarTree) {
  const NetworkGraph ring = GraphOf([](NetworkGraph& g) { AddRing(g, 18, 2, {}); });
  EXPECT_EQ(FabricLinkCount(ring), 9u);
  EXPECT_EQ(RoutedDiameter(ring), 4u);
  EXPECT_EQ(HalvesCut(ring),
            3u);  // host-8 and host-9 share a switch: one is cut off by its own link
  const NetworkGraph star = GraphOf([](NetworkGraph& g) { AddStar(g, {6, 2}, {}); });
  EXPECT_EQ(star.HostCount(), 12u);
  EXPECT_EQ(HalvesCut(star), 6u);
  for (uint32_t fanout : {2u, 3u}) {
    const uint32_t hosts = fanout * fanout * fanout;
    const NetworkGraph tree = GraphOf([&](NetworkGraph& g) { AddTree(g, hosts, fanout, {}); });
    EXPECT_EQ(TreeLevels(hosts, fanout), 3u);
    EXPECT_EQ(SwitchCount(tree), 1 + fanout + fanout * fanout);
    EXPECT_EQ(FabricLinkCount(tree), SwitchCount(tree) - 1);
    EXPECT_EQ(RoutedDiameter(tree), 4u);
  }
  EXPECT_EQ(HalvesCut(GraphOf([](NetworkGraph& g) { AddTree(g, 16, 2, {}); })), 1u);
}

TEST(Builders, Wan) {
  WanSpec spec;
  spec.hosts = 24;
  spec.sites = 3;
  spec.wan_links.delay_ps = 5000000000;
  const WanSpec stars = ResolveWan(spec);
  const NetworkGraph graph = GraphOf([&](NetworkGraph& g) { AddWan(g, stars, {}); });
  EXPECT_EQ(SwitchCount(graph), 3u);
  EXPECT_EQ(FabricLinkCount(graph), 3u);
  EXPECT_EQ(RoutedDiameter(graph), 1u);
  spec.has_leaf_spine = true;
  spec.hosts_per_leaf = 4;
  const WanSpec sites = ResolveWan(spec);
  const NetworkGraph large = GraphOf([&](NetworkGraph& g) { AddWan(g, sites, {}); });
  EXPECT_EQ(SwitchCount(large), 3 * (2 + 4 + 1u));
  EXPECT_EQ(FabricLinkCount(large), 3 * (8 + 4) + 3u);
  EXPECT_EQ(RoutedDiameter(large), 5u);  // up to the border, across, down
  const auto is_long = [](const GraphLinkInfo& link) { return link.config.delay_ps > 1000000; };
  EXPECT_EQ(std::count_if(large.Links().begin(), large.Links().end(), is_long), 3);
}

TEST(Builders, SeveralNicsHangAtTheSameSwitch) {
  for (uint32_t nics : {1u, 4u}) {
    const TopologyHosts hosts(16, nics);
    const auto add = [&](int which, NetworkGraph& graph) {
      GridSpec grid;
      grid.hosts = hosts;
      DragonflySpec dragonfly;
      dragonfly.hosts = hosts;
      LeafSpineSpec leaf_spine;
      leaf_spine.hosts = hosts;
      FatTreeSpec fat_tree;
      fat_tree.hosts = 16;
      fat_tree.nics_per_host = nics;
      WanSpec wan;
      wan.hosts = hosts;
      if (which == 0) AddGrid(graph, ResolveGrid(grid), {});
      if (which == 1) AddDragonfly(graph, ResolveDragonfly(dragonfly), {});
      if (which == 2) AddLeafSpine(graph, ResolveLeafSpine(leaf_spine), {});
      if (which == 3) AddFatTree(graph, ResolveFatTree(fat_tree), {});
      if (which == 4) AddWan(graph, ResolveWan(wan), {});
      if (which == 5) AddTree(graph, hosts, 4, {});
      if (which == 6) AddRing(graph, hosts, 1, {});
    };
    for (int which = 0; which < 7; ++which) {
      const NetworkGraph graph = GraphOf([&](NetworkGraph& g) { add(which, g); });
      ASSERT_EQ(graph.HostCount(), 16 * nics);
      const Fabric fabric(graph, {});
      for (uint32_t endpoint = 0; endpoint < 16 * nics; ++endpoint) {
        EXPECT_EQ(graph.Nodes()[endpoint].name, NicName(hosts, endpoint / nics, endpoint % nics));
        if (endpoint % nics != 0) {
          EXPECT_EQ(fabric.Path(endpoint - 1, endpoint, 0).size(), 2u);
        }
      }
    }
  }
}

}  // namespace
}  // namespace ddlsim
