// SPDX-License-Identifier: MIT
//
// NICs of hosts with several GPUs on topologies: which of them ranks talk over, and how far that
// is.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "endpoint/group-layout.h"
#include "tests/cluster/test-cluster.h"

namespace ddlsim {
namespace {

using Fill = std::function<void(NetworkGraph& network, const TopologyHosts& hosts)>;

NetworkGraph GraphOn(const ClusterMap& cluster, const Fill& fill) {
  NetworkGraph network, graph;
  fill(network, {cluster.HostCount(), cluster.HostType().nic_count});
  network.Canonicalize();
  AddScaleOut(cluster, network, graph);
  AddScaleUp(cluster, {}, graph);
  graph.Canonicalize();
  return graph;
}

Fill Rails(uint32_t hosts_per_unit) {
  return [hosts_per_unit](NetworkGraph& network, const TopologyHosts& hosts) {
    RailSpec spec;
    spec.hosts = hosts;
    spec.hosts_per_unit = hosts_per_unit;
    AddRail(network, ResolveRail(spec), {});
  };
}

Fill Planes(uint32_t planes) {
  return [planes](NetworkGraph& network, const TopologyHosts& hosts) {
    FatTreeSpec spec;
    spec.levels = 2;
    spec.hosts = hosts.host_count;
    spec.nics_per_host = hosts.nics_per_host;
    spec.planes = planes;
    AddFatTree(network, ResolveFatTree(spec), {});
  };
}

const Fill kCables = [](NetworkGraph& network, const TopologyHosts& hosts) {
  AddPair(network, hosts, {});
};

ClusterMap WholeCluster(const Host& host, uint32_t host_count) {
  return ClusterMap(host, host_count, host_count * host.gpu_count);
}

// Two links where a leaf joins the ranks' NICs, four over a spine.
TEST(ScaleOut, RanksOfOneRailMeetAtOneLeaf) {
  const ClusterMap cluster = WholeCluster(LoadHost("hgx-a100"), 4);
  const NetworkGraph graph = GraphOn(cluster, Rails(2));
  const RankMap ranks = MakeRankMap(cluster, graph);
  const Fabric fabric(graph, {});
  for (uint32_t a = 0; a < 32; ++a) {
    for (uint32_t b = 0; b < 32; ++b) {
      if (cluster.HostOf(a) == cluster.HostOf(b)) continue;
      const RankRoute route = ranks.Route(a, b);
      EXPECT_EQ(graph.Nodes()[route.src].name, cluster.NicEndpoint(a));
      EXPECT_EQ(graph.Nodes()[route.dst].name, cluster.NicEndpoint(b));
      const bool is_near = a % 8 == b % 8 && a / 16 == b / 16;
      EXPECT_EQ(fabric.Path(route.src, route.dst, a).size(), is_near ? 2u : 4u) << a << " " << b;
    }
  }
}

// Rings of a library leave and reach hosts by NICs of one number, and so take two links.
TEST(ScaleOut, RingsAreRailAligned) {
  const ClusterMap cluster = WholeCluster(LoadHost("hgx-a100"), 4);
  const NetworkGraph graph = GraphOn(cluster, Rails(4));
  const RankMap ranks = MakeRankMap(cluster, graph);
  const Fabric fabric(graph, {});
  std::vector<uint32_t> members(32);
  for (uint32_t i = 0; i < 32; ++i) members[i] = i;
  const GroupLayout layout(ranks, members);
  ASSERT_EQ(layout.NicsPerNode(), 8u);
  for (uint32_t bundle = 0; bundle < 8; ++bundle) {
    for (uint32_t place = 7; place < 32; place += 8) {
      const uint32_t src = layout.MemberAt(place, bundle);
      const uint32_t dst = layout.MemberAt((place + 1) % 32, bundle);
      ASSERT_NE(src / 8, dst / 8);
      const RankRoute route = layout.Route(src, dst, bundle);
      EXPECT_EQ(graph.Nodes()[route.src].name, ClusterMap::NicName(src / 8, bundle));
      EXPECT_EQ(graph.Nodes()[route.dst].name, ClusterMap::NicName(dst / 8, bundle));
      EXPECT_EQ(fabric.Path(route.src, route.dst, place).size(), 2u);
    }
  }
}

// Edges of a ring's bundles within one host: which of them cross a link of their own.
std::map<std::pair<uint32_t, uint32_t>, int> RingEdges(const GroupLayout& layout, uint32_t gpus,
                                                       uint32_t bundles, bool is_closed) {
  std::map<std::pair<uint32_t, uint32_t>, int> edges;
  for (uint32_t bundle = 0; bundle < bundles; ++bundle) {
    for (uint32_t place = 0; place + (is_closed ? 0 : 1) < gpus; ++place) {
      const uint32_t a = layout.MemberAt(place, bundle);
      const uint32_t b = layout.MemberAt((place + 1) % gpus, bundle);
      EXPECT_EQ(layout.PlaceOf(a, bundle), place);
      ++edges[{a, b}];
    }
  }
  return edges;
}

// GPUs that are joined each to each: rings side by side, none of which shares a link.
TEST(ScaleOut, RingsOfAMeshHaveLinksOfTheirOwn) {
  const ClusterMap cluster = WholeCluster(LoadHost("mi355x-host"), 1);
  const RankMap ranks = MakeRankMap(cluster, ClusterGraph(cluster));
  std::vector<uint32_t> members(8);
  for (uint32_t i = 0; i < 8; ++i) members[i] = i;
  const GroupLayout layout(ranks, members);
  EXPECT_TRUE(layout.HasRings());
  ASSERT_EQ(layout.LocalRings(), 6u);
  const auto edges = RingEdges(layout, 8, 6, true);
  EXPECT_EQ(edges.size(), 48u);
  for (const auto& [edge, count] : edges) EXPECT_EQ(count, 1) << edge.first << edge.second;
  // Some of the GPUs have no such rings.
  members.resize(4);
  const GroupLayout half(ranks, members);
  EXPECT_FALSE(half.HasRings());
  EXPECT_EQ(half.LocalRings(), 1u);
}

// Across hosts each ring begins where its NIC is, and keeps to the links that there are.
TEST(ScaleOut, RingsAcrossMeshesBeginAtTheirNic) {
  const Host host = LoadHost("mi250x-host");
  const ClusterMap cluster = WholeCluster(host, 4);
  const RankMap ranks = MakeRankMap(cluster, ClusterGraph(cluster));
  std::vector<uint32_t> members(32);
  for (uint32_t i = 0; i < 32; ++i) members[i] = i;
  const GroupLayout layout(ranks, members);
  ASSERT_EQ(layout.NicsPerNode(), 4u);
  for (uint32_t bundle = 0; bundle < 4; ++bundle) {
    EXPECT_EQ(host.nic_of_gpu[layout.MemberAt(0, bundle)], bundle);
    EXPECT_EQ(layout.MemberAt(8, bundle), layout.MemberAt(0, bundle) + 8);
  }
  std::map<std::pair<uint32_t, uint32_t>, int> bricks;
  for (const GpuLink& link : host.scale_up.links) {
    bricks[{link.a, link.b}] = bricks[{link.b, link.a}] = static_cast<int>(link.bricks);
  }
  for (const auto& [edge, count] : RingEdges(layout, 8, 4, false)) {
    EXPECT_LE(count, bricks[edge]) << edge.first << "-" << edge.second;
  }
}

// Whoever talks does so within a plane, the sender from its own NIC; what arrives leads to the
// receiver, whichever NIC of its host it comes by.
TEST(ScaleOut, RanksTalkWithinAPlane) {
  for (uint32_t planes : {2u, 4u, 8u}) {
    SCOPED_TRACE(planes);
    const ClusterMap cluster(LoadHost("hgx-a100"), 3, 19);  // the last host has three ranks
    const NetworkGraph graph = GraphOn(cluster, Planes(planes));
    const RankMap ranks = MakeRankMap(cluster, graph);
    const Fabric fabric(graph, {});
    std::vector<uint32_t> all;
    for (uint32_t a = 0; a < 19; ++a) {
      all.push_back(a);
      for (uint32_t b = 0; b < 19; ++b) {
        if (a == b) continue;
        ASSERT_TRUE(ranks.AreConnected(a, b));
        const RankRoute route = ranks.Route(a, b);
        EXPECT_FALSE(fabric.Path(route.src, route.dst, 0).empty());  // throws where there is none
        EXPECT_EQ(ranks.RankAt(route.dst, ranks.GpuOf(b)), b);
        if (ranks.IsScaleUp(a, b)) continue;
        const uint32_t nic = a % planes == b % planes ? b % 8 : a % 8;
        EXPECT_EQ(graph.Nodes()[route.src].name, ClusterMap::NicName(a / 8, a % 8));
        EXPECT_EQ(graph.Nodes()[route.dst].name, ClusterMap::NicName(b / 8, nic));
        EXPECT_EQ(graph.Nodes()[route.src].domain, graph.Nodes()[route.dst].domain);
      }
    }
    EXPECT_EQ(ranks.Unconnected(all).src, ranks.Unconnected(all).dst);
  }
}

// Two hosts of two NICs, and nothing within them: the GPUs of a host are in planes of their own.
TEST(ScaleOut, PlanesNeedANetworkWithinTheHost) {
  Host host = GenericHost(2, 2, 1000000000000);
  host.scale_up = ScaleUp();
  const ClusterMap cluster = WholeCluster(host, 2);
  const RankMap ranks = MakeRankMap(cluster, GraphOn(cluster, Planes(2)));
  EXPECT_FALSE(ranks.AreConnected(0, 1));
  EXPECT_TRUE(ranks.AreConnected(0, 3));
  const RankRoute apart = ranks.Unconnected({3, 0, 2});
  EXPECT_EQ(apart.src, 2u);
  EXPECT_EQ(apart.dst, 3u);
  EXPECT_EQ(ranks.Unconnected({0, 3}).dst, 0u);
  // Side by side on one network they reach one another over it.
  EXPECT_TRUE(MakeRankMap(cluster, GraphOn(cluster, Planes(1))).AreConnected(0, 1));
}

// Between all ranks of two hosts on four cables; one frame of RoCEv2 takes a cable's time.
TEST(ScaleOut, MessagesArriveOverCables) {
  const Host host = GenericHost(4, 4, 2400000000000);
  const uint64_t frame_ps = uint64_t{4096 + 62 + 16 + 20} * 20;  // 20 ps per byte at 400 Gb/s
  for (uint32_t src = 0; src < 4; ++src) {
    for (uint32_t dst = 4; dst < 8; ++dst) {
      const ClusterMap cluster = WholeCluster(host, 2);
      TestCluster run(cluster, GraphOn(cluster, kCables), {});
      run.records_sends = false;
      run.Message(src, dst, 4096);
      run.Run();
      EXPECT_EQ(run.end_ps[dst], frame_ps + 1000000) << src << " " << dst;
      EXPECT_EQ(run.completed, 2u);
    }
  }
}

TEST(ScaleOut, AllReduceOverPlanes) {
  const ClusterMap cluster = WholeCluster(LoadHost("hgx-a100"), 3);
  TestCluster run(cluster, GraphOn(cluster, Planes(4)), {});
  run.AllReduce(1u << 20);
  EXPECT_EQ(run.completed, 24u);
  EXPECT_EQ(run.fabric.Counters().dropped_frames, 0u);
}

// A GPU bounds its NIC's link both ways; a link that is slower one way stays so.
TEST(ScaleOut, LinksOfNicsAreBoundedEachWay) {
  Host host = GenericHost(2, 2, 1000000000000);
  host.nic_rate_bps = 400000000000;
  host.pcie_rate_bps = 248000000000;
  const ClusterMap cluster = WholeCluster(host, 2);
  const auto rates = [&cluster](const LinkConfig& there, const LinkConfig& back) {
    const NetworkGraph graph =
        GraphOn(cluster, [&](NetworkGraph& network, const TopologyHosts& hosts) {
          network.AddSwitch("s", {});
          for (uint32_t i = 0; i < hosts.host_count * hosts.nics_per_host; ++i) {
            network.AddHost("h-" + std::to_string(i));
            network.AddLink("h-" + std::to_string(i), "s", there, back);
          }
        });
    for (const GraphLinkInfo& link : graph.Links()) {
      if (graph.Nodes()[link.a].name != "host-1/nic-1") continue;
      return std::make_pair(link.config.rate_bps / 1000000000, link.back.rate_bps / 1000000000);
    }
    return std::make_pair(uint64_t{0}, uint64_t{0});
  };
  LinkConfig fast, slow;
  slow.rate_bps = 100000000000;
  EXPECT_EQ(rates(fast, fast), std::make_pair(uint64_t{248}, uint64_t{248}));
  EXPECT_EQ(rates(fast, slow), std::make_pair(uint64_t{248}, uint64_t{100}));
  EXPECT_EQ(rates(slow, fast), std::make_pair(uint64_t{100}, uint64_t{248}));
}

}  // namespace
}  // namespace ddlsim
