// SPDX-License-Identifier: MIT
//
// Which switches add up: the trees of groups over networks whose switches have engines.
#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "cluster/switch-reduction.h"
#include "endpoint/cluster-ranks.h"
#include "endpoint/group-layout.h"
#include "tests/cluster/test-cluster.h"

namespace ddlsim {
namespace {

constexpr uint32_t kNone = SwitchTree::kNone;

NetworkGraph LeafSpine(uint32_t leaves, uint32_t spines, uint32_t hosts_per_leaf) {
  NetworkGraph graph;
  for (uint32_t leaf = 0; leaf < leaves; ++leaf) {
    const std::string name = "leaf-" + std::to_string(leaf);
    graph.AddSwitch(name, {});
    for (uint32_t i = 0; i < hosts_per_leaf; ++i) {
      const std::string host = "host-" + std::to_string(leaf * hosts_per_leaf + i);
      graph.AddHost(host);
      graph.AddLink(host, name, {});
    }
  }
  for (uint32_t spine = 0; spine < spines; ++spine) {
    graph.AddSwitch("spine-" + std::to_string(spine), {});
    for (uint32_t leaf = 0; leaf < leaves; ++leaf) {
      graph.AddLink("leaf-" + std::to_string(leaf), "spine-" + std::to_string(spine), {});
    }
  }
  graph.Canonicalize();
  AddSwitchEngines(graph);
  return graph;
}

uint32_t Roots(const SwitchTree& tree) {
  uint32_t roots = 0;
  std::set<uint32_t> used(tree.engine_of_node.begin(), tree.engine_of_node.end());
  for (uint32_t above : tree.engine_above) {
    if (above != kNone) used.insert(above);
  }
  for (uint32_t engine : used) roots += tree.engine_above[engine] == kNone;
  return roots;
}

TEST(SwitchReduction, EachSwitchHasAnEngineAsFastAsItsLinks) {
  const NetworkGraph graph = LeafSpine(3, 2, 4);
  EXPECT_EQ(graph.HostCount(), 12u + 5u);
  uint32_t engines = 0;
  for (const GraphLinkInfo& link : graph.Links()) {
    if (!graph.Nodes()[link.a].is_engine) continue;
    ++engines;
    const bool is_leaf = graph.Nodes()[link.b].name.rfind("leaf", 0) == 0;
    EXPECT_EQ(link.config.rate_bps, (is_leaf ? 6 : 3) * LinkConfig().rate_bps);
  }
  EXPECT_EQ(engines, 5u);
}

TEST(SwitchReduction, TreesHaveEnginesWhereBranchesMeet) {
  const NetworkGraph graph = LeafSpine(3, 2, 4);
  const RankMap ranks = MakeRankMap(12, graph);
  std::vector<uint32_t> all(12);
  std::iota(all.begin(), all.end(), 0);
  const auto tree = GroupLayout(ranks, all).TreeOf(0);
  ASSERT_NE(tree, nullptr);
  EXPECT_EQ(std::set<uint32_t>(tree->engine_of_node.begin(), tree->engine_of_node.end()).size(),
            3u);
  EXPECT_EQ(Roots(*tree), 1u);
  // Below one leaf alone: no spine. One host per leaf: the spine alone.
  for (const std::vector<uint32_t>& members :
       {std::vector<uint32_t>{0, 1, 3}, std::vector<uint32_t>{0, 4, 8}}) {
    const GroupLayout layout(ranks, members);
    const auto part = layout.TreeOf(0);
    ASSERT_NE(part, nullptr);
    EXPECT_EQ(std::set<uint32_t>(part->engine_of_node.begin(), part->engine_of_node.end()).size(),
              1u);
    for (uint32_t above : part->engine_above) EXPECT_EQ(above, kNone);
  }
  // Two below one leaf and one elsewhere: that one's data goes to the root by itself.
  const std::vector<uint32_t> mixed{0, 1, 4};
  const auto part = GroupLayout(ranks, mixed).TreeOf(0);
  EXPECT_EQ(part->engine_of_node[0], part->engine_of_node[1]);
  EXPECT_EQ(part->engine_above[part->engine_of_node[0]], part->engine_of_node[2]);
}

TEST(SwitchReduction, EnginesAreFoundByTheirEndpoint) {
  const NetworkGraph graph = LeafSpine(2, 1, 2);
  const RankMap ranks = MakeRankMap(4, graph);
  const std::vector<uint32_t> all{0, 1, 2, 3};
  const GroupLayout layout(ranks, all);
  for (uint32_t engine : layout.TreeOf(0)->engine_of_node) {
    const RankRoute route = layout.Route(0, 4 + engine, 0);
    EXPECT_EQ(layout.EngineAt(route.dst), 4 + engine);
    EXPECT_TRUE(graph.Nodes()[route.dst].is_engine);
    EXPECT_FALSE(layout.IsScaleUp(0, 4 + engine));
  }
}

TEST(SwitchReduction, NoneWithoutEngines) {
  NetworkGraph graph;
  graph = BuildStar(4, {}, {});
  graph.Canonicalize();
  const std::vector<uint32_t> all{0, 1, 2, 3};
  EXPECT_EQ(GroupLayout(MakeRankMap(4, graph), all).TreeOf(0), nullptr);
}

}  // namespace
}  // namespace ddlsim
