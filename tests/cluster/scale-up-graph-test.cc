// SPDX-License-Identifier: MIT
#include "cluster/scale-up-graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tests/cluster/test-cluster.h"

namespace ddlsim {
namespace {

struct NodeFigures {
  uint32_t links = 0;
  uint64_t rate_bps = 0;  // of all links
};

std::map<std::string, NodeFigures> Figures(const NetworkGraph& graph) {
  std::map<std::string, NodeFigures> figures;
  for (const GraphNodeInfo& node : graph.Nodes()) figures[node.name];
  for (const GraphLinkInfo& link : graph.Links()) {
    for (uint32_t end : {link.a, link.b}) {
      NodeFigures& node = figures[graph.Nodes()[end].name];
      ++node.links;
      node.rate_bps += link.config.rate_bps;
    }
  }
  return figures;
}

std::map<std::string, NodeFigures> FiguresOf(const std::string& preset, uint32_t hosts) {
  const Host host = LoadHost(preset);
  return Figures(ClusterGraph(ClusterMap(host, hosts, hosts * host.gpu_count)));
}

uint32_t NumberOf(const NetworkGraph& graph, const std::string& name) {
  for (uint32_t i = 0; i < graph.Nodes().size(); ++i) {
    if (graph.Nodes()[i].name == name) return i;
  }
  ADD_FAILURE() << name;
  return 0;
}

TEST(ScaleUpGraph, SwitchesJoinAllGpusOfAHost) {
  const auto figures = FiguresOf("hgx-h100", 2);
  // 8 GPUs, 8 NICs, a switch per host, and the star's.
  EXPECT_EQ(figures.size(), 2u * 17 + 1);
  EXPECT_EQ(figures.at("host-1/nvswitch").links, 8u);
  EXPECT_EQ(figures.at("host-1/nvswitch").rate_bps, 8 * uint64_t{3600000000000});
  EXPECT_EQ(figures.at("host-0/gpu-7").rate_bps, uint64_t{3600000000000});
  EXPECT_EQ(figures.at("switch-0").links, 16u);
}

TEST(ScaleUpGraph, NicsAreNotFasterThanTheirPcie) {
  Host host = GenericHost(2, 1, 1000000000000);
  host.nic_rate_bps = 400000000000;
  host.pcie_rate_bps = 248000000000;
  const NetworkGraph graph = ClusterGraph(ClusterMap(host, 2, 4));
  EXPECT_EQ(Figures(graph).at("host-1/nic-0").rate_bps, 248000000000u);
}

TEST(ScaleUpGraph, ADomainOfSeveralHostsHasOneSwitch) {
  const auto figures = FiguresOf("gb200-nvl72", 20);
  EXPECT_EQ(figures.at("domain-0/nvswitch").links, 72u);
  EXPECT_EQ(figures.at("domain-1/nvswitch").links, 8u);
  EXPECT_EQ(figures.count("host-0/nvswitch"), 0u);
}

TEST(ScaleUpGraph, AReductionEngineWhereAskedFor) {
  const Host host = LoadHost("hgx-h100");
  ScaleUpGraphOptions options;
  options.has_reduction_engines = true;
  const NetworkGraph graph = ClusterGraph(ClusterMap(host, 2, 16), options);
  const auto figures = Figures(graph);
  EXPECT_EQ(figures.at("host-1/nvswitch/engine").rate_bps, 8 * host.scale_up.rate_bps);
  EXPECT_EQ(figures.at("host-1/nvswitch").links, 9u);
  const uint32_t engine = NumberOf(graph, "host-0/nvswitch/engine");
  EXPECT_TRUE(graph.Nodes()[engine].is_host);
  EXPECT_EQ(Fabric(graph, {}).Path(0, engine, 0).size(), 2u);
}

TEST(ScaleUpGraph, AMeshGivesEachGpuACrossbar) {
  const auto cube = FiguresOf("dgx1-v100", 1);
  const auto full = FiguresOf("mi300x-host", 1);
  for (int gpu = 0; gpu < 8; ++gpu) {
    const std::string name = "host-0/gpu-" + std::to_string(gpu);
    // Six bricks of 200 Gb/s in four links, and the local link that is as fast as all of them.
    EXPECT_EQ(cube.at(name + "/crossbar").links, 4u + 1);
    EXPECT_EQ(cube.at(name).rate_bps, 6 * uint64_t{200000000000});
    EXPECT_EQ(cube.at(name + "/crossbar").rate_bps, 2 * cube.at(name).rate_bps);
    EXPECT_EQ(full.at(name + "/crossbar").links, 7u + 1);
    EXPECT_EQ(full.at(name).rate_bps, 7 * uint64_t{512000000000});
  }
}

// The preset's latency is that of the whole way between neighbours, in every kind of network.
TEST(ScaleUpGraph, LatencyBetweenNeighbours) {
  for (const std::string& name : HostPresetNames()) {
    const Host host = LoadHost(name);
    const NetworkGraph graph = ClusterGraph(ClusterMap(host, 1, host.gpu_count));
    const Fabric fabric(graph, {});
    uint64_t delay_ps = 0;
    for (const Fabric::Hop& hop : fabric.Path(0, 1, 0)) delay_ps += hop.delay_ps + hop.latency_ps;
    EXPECT_EQ(delay_ps, host.scale_up.latency_ps) << name;
  }
}

TEST(ScaleUpGraph, DistantGpusOfACubeMeshGoOverAThird) {
  const Host host = LoadHost("dgx1-v100");
  const NetworkGraph graph = ClusterGraph(ClusterMap(host, 1, 8));
  const Fabric fabric(graph, {});
  std::set<std::pair<uint32_t, uint32_t>> direct;
  for (const GpuLink& link : host.scale_up.links) {
    direct.insert({link.a, link.b});
    direct.insert({link.b, link.a});
  }
  int distant = 0;
  for (uint32_t a = 0; a < 8; ++a) {
    for (uint32_t b = 0; b < 8; ++b) {
      if (a == b) continue;
      // Two local links, and one or two between crossbars.
      const size_t links = direct.count({a, b}) > 0 ? 3 : 4;
      EXPECT_EQ(fabric.Path(a, b, 7).size(), links) << a << " " << b;
      distant += links == 4;
    }
  }
  EXPECT_EQ(distant, 8 * 7 - 2 * 16);
}

TEST(ScaleUpGraph, PcieTrees) {
  const Host host = LoadHost("l40s-host");
  const NetworkGraph graph = ClusterGraph(ClusterMap(host, 1, 8));
  const auto figures = Figures(graph);
  EXPECT_EQ(figures.at("host-0/pcie-0").links, 4u + 1);
  EXPECT_EQ(figures.at("host-0/root-1").links, 1u + 1);
  const Fabric fabric(graph, {});
  EXPECT_EQ(fabric.Path(0, 3, 0).size(), 2u);  // one PCIe switch
  // Two PCIe switches and two root complexes; the link between sockets is the slowest.
  const std::vector<Fabric::Hop> far = fabric.Path(0, 4, 0);
  EXPECT_EQ(far.size(), 5u);
  EXPECT_EQ(far[2].rate_bps, host.scale_up.socket_rate_bps);
}

TEST(ScaleUpGraph, BridgesJoinPairsBesideThePcieTree) {
  const Host host = LoadHost("a6000-host");
  const NetworkGraph graph = ClusterGraph(ClusterMap(host, 1, 8));
  const Fabric fabric(graph, {});
  const std::vector<Fabric::Hop> pair = fabric.Path(0, 1, 0), others = fabric.Path(0, 2, 0);
  ASSERT_EQ(pair.size(), 3u);
  EXPECT_EQ(pair[1].rate_bps, host.scale_up.bridge_rate_bps);
  ASSERT_EQ(others.size(), 4u);
  EXPECT_EQ(others[1].rate_bps, host.scale_up.rate_bps);
}

// In a whole cube every chip has six neighbours; the distance of two chips is the sum of the
// shorter ways round in each dimension.
TEST(ScaleUpGraph, ATorusOfAWholeDomain) {
  const Host host = LoadHost("tpu-v4-host");
  const ClusterMap cluster(host, 16, 64);
  const NetworkGraph graph = ClusterGraph(cluster);
  const auto figures = Figures(graph);
  std::map<size_t, int> at_distance;
  const Fabric fabric(graph, {});
  const uint32_t first = NumberOf(graph, "host-0/gpu-0");
  for (uint32_t rank = 0; rank < 64; ++rank) {
    EXPECT_EQ(figures.at(cluster.GpuEndpoint(rank) + "/crossbar").links, 6u + 1);
    if (rank == 0) continue;
    const size_t links = fabric.Path(first, NumberOf(graph, cluster.GpuEndpoint(rank)), 3).size();
    ++at_distance[links - 2];
  }
  // (1 + 2x + x^2)^3, the distances on a ring of four thrice.
  EXPECT_EQ(at_distance,
            (std::map<size_t, int>{{1, 6}, {2, 15}, {3, 20}, {4, 15}, {5, 6}, {6, 1}}));
}

TEST(ScaleUpGraph, APartOfATorusIsAMesh) {
  const auto figures = FiguresOf("tpu-v4-host", 2);  // 4 x 2 x 1 chips
  uint32_t links = 0;
  for (int host = 0; host < 2; ++host) {
    for (int gpu = 0; gpu < 4; ++gpu) {
      const std::string name = "host-" + std::to_string(host) + "/gpu-" + std::to_string(gpu);
      links += figures.at(name + "/crossbar").links - 1;
    }
  }
  EXPECT_EQ(links, 2u * (2 * 4 + 4));  // two closed rings of four in x, four links in y
}

}  // namespace
}  // namespace ddlsim
