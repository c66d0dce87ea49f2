// SPDX-License-Identifier: MIT
#include "cluster/cluster-map.h"

#include <gtest/gtest.h>

#include <set>

#include "base/input-error.h"
#include "tests/cluster/test-cluster.h"

namespace ddlsim {
namespace {

TEST(ClusterMap, RanksFillHostsInOrder) {
  const ClusterMap cluster(LoadHost("dgx1-v100"), 2, 16);
  EXPECT_EQ(cluster.GpuEndpoint(0), "host-0/gpu-0");
  EXPECT_EQ(cluster.NicEndpoint(5), "host-0/nic-2");
  EXPECT_EQ(cluster.GpuEndpoint(11), "host-1/gpu-3");
  EXPECT_EQ(cluster.NicEndpoint(11), "host-1/nic-1");
  EXPECT_TRUE(cluster.IsScaleUp(0, 7));
  EXPECT_FALSE(cluster.IsScaleUp(7, 8));
  EXPECT_EQ(cluster.Endpoints(0, 7),
            std::make_pair(std::string("host-0/gpu-0"), std::string("host-0/gpu-7")));
  EXPECT_EQ(cluster.Endpoints(7, 8),
            std::make_pair(std::string("host-0/nic-3"), std::string("host-1/nic-0")));
  EXPECT_EQ(cluster.NicEndpoints().size(), 8u);
  EXPECT_EQ(cluster.NicEndpoints()[5], "host-1/nic-1");
  EXPECT_THROW(ClusterMap(LoadHost("dgx1-v100"), 2, 17), InputError);
  EXPECT_THROW(ClusterMap(LoadHost("dgx1-v100"), 0, 0), InputError);
}

TEST(ClusterMap, RanksSpreadEvenly) {
  ClusterMap cluster(LoadHost("hgx-a100"), 2, 6);
  cluster.SpreadRanks("--ranks");
  EXPECT_EQ(cluster.GpuEndpoint(2), "host-0/gpu-2");
  EXPECT_EQ(cluster.GpuEndpoint(3), "host-1/gpu-0");
  EXPECT_EQ(cluster.NicEndpoint(5), "host-1/nic-2");
  EXPECT_FALSE(cluster.IsScaleUp(2, 3));
  ClusterMap full(LoadHost("hgx-a100"), 2, 16);
  full.SpreadRanks("--ranks");
  EXPECT_EQ(full.GpuEndpoint(13), "host-1/gpu-5");
  EXPECT_THROW(ClusterMap(LoadHost("hgx-a100"), 2, 7).SpreadRanks("--ranks"), InputError);
}

TEST(ClusterMap, AnNvl72SpansEighteenHosts) {
  const ClusterMap cluster(LoadHost("gb200-nvl72"), 20, 80);
  EXPECT_TRUE(cluster.IsScaleUp(0, 71));
  EXPECT_FALSE(cluster.IsScaleUp(71, 72));
  EXPECT_TRUE(cluster.IsScaleUp(72, 79));
}

// The numbers of endpoints are those of the names, and lead back to the ranks.
TEST(RankMap, EndpointsOfEveryPreset) {
  for (const std::string& name : HostPresetNames()) {
    SCOPED_TRACE(name);
    const Host host = LoadHost(name);
    const ClusterMap cluster(host, 3, 3 * host.gpu_count);
    const NetworkGraph graph = ClusterGraph(cluster);
    const RankMap ranks = MakeRankMap(cluster, graph);
    for (uint32_t src = 0; src < ranks.RankCount(); ++src) {
      for (uint32_t dst = 0; dst < ranks.RankCount(); ++dst) {
        if (src == dst) continue;
        ASSERT_TRUE(ranks.AreConnected(src, dst));
        ASSERT_EQ(ranks.IsScaleUp(src, dst), cluster.IsScaleUp(src, dst));
        const RankRoute route = ranks.Route(src, dst);
        const auto [src_name, dst_name] = cluster.Endpoints(src, dst);
        ASSERT_EQ(graph.Nodes()[route.src].name, src_name);
        ASSERT_EQ(graph.Nodes()[route.dst].name, dst_name);
        ASSERT_EQ(ranks.RankAt(route.src, ranks.GpuOf(src)), src);
        ASSERT_EQ(ranks.RankAt(route.dst, ranks.GpuOf(dst)), dst);
      }
    }
    std::vector<uint32_t> all(ranks.RankCount());
    for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    EXPECT_EQ(ranks.Unconnected(all).src, ranks.Unconnected(all).dst);
  }
}

TEST(RankMap, OneGpuPerHostIsItsOwnEndpoint) {
  const RankMap ranks(5, 1);
  EXPECT_EQ(ranks.Route(3, 1).src, 3u);
  EXPECT_EQ(ranks.Route(3, 1).dst, 1u);
  EXPECT_EQ(ranks.RankAt(4, 0), 4u);
  EXPECT_EQ(ranks.EndpointOf(2), 2u);
  EXPECT_EQ(ranks.Unconnected({0, 1, 2, 3, 4}).dst, 0u);
}

TEST(RankMap, RanksThatShareANicNeedAScaleUpNetwork) {
  EXPECT_FALSE(RankMap(4, 2).AreConnected(0, 1));
  EXPECT_TRUE(RankMap(4, 2).AreConnected(1, 2));
  const RankRoute apart = RankMap(4, 2).Unconnected({3, 0, 2});
  EXPECT_EQ(apart.src, 2u);
  EXPECT_EQ(apart.dst, 3u);
  // Two GPUs of one host with a NIC each and nothing between them: over the network.
  Host host = GenericHost(2, 2, 1000000000);
  host.scale_up = ScaleUp();
  const ClusterMap cluster(host, 2, 4);
  const RankMap ranks = MakeRankMap(cluster, ClusterGraph(cluster));
  EXPECT_TRUE(ranks.AreConnected(0, 1));
  EXPECT_EQ(ranks.Route(0, 1).dst, 1u);
  EXPECT_EQ(ranks.EndpointOf(3), 3u);
}

}  // namespace
}  // namespace ddlsim
