// SPDX-License-Identifier: MIT
#include "fabric/network-graph.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/input-error.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

TEST(NetworkGraph, NaturalOrder) {
  EXPECT_LT(NaturalCompare("host-2", "host-10"), 0);
  EXPECT_GT(NaturalCompare("host-10", "host-2"), 0);
  EXPECT_EQ(NaturalCompare("host-7", "host-7"), 0);
  EXPECT_NE(NaturalCompare("x-1", "x-01"), 0);
  EXPECT_EQ(NaturalCompare("x-1", "x-01"), -NaturalCompare("x-01", "x-1"));
  EXPECT_LT(NaturalCompare("agg-1-2", "agg-1-10"), 0);
  EXPECT_LT(NaturalCompare("a", "ab"), 0);
}

TEST(NetworkGraph, RefusesWhatCannotWork) {
  const auto refuses = [](auto fill, const std::string& what) {
    NetworkGraph graph;
    fill(graph);
    try {
      graph.Canonicalize();
      ADD_FAILURE() << "accepted: " << what;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  refuses([](NetworkGraph&) {}, "no host");
  refuses(
      [](NetworkGraph& g) {
        g.AddHost("a");
        g.AddHost("a");
      },
      "two nodes");
  refuses(
      [](NetworkGraph& g) {
        g.AddHost("a");
        g.AddLink("a", "b", {});
      },
      "does not exist");
  refuses([](NetworkGraph& g) { g.AddHost("a"); }, "0 links");
  refuses(
      [](NetworkGraph& g) {
        g.AddSwitch("s", {});
        g.AddLink("s", "s", {});
      },
      "to itself");
  refuses(
      [](NetworkGraph& g) {
        for (const char* name : {"a", "b", "c", "d"}) g.AddHost(name);
        g.AddLink("a", "b", {});
        g.AddLink("c", "d", {});
      },
      "cannot be reached");
  refuses(
      [](NetworkGraph& g) {
        g.AddHost("a");
        g.AddHost("b");
        g.AddLink("a", "b", {0, 1, 0});
      },
      "no rate");
  refuses(
      [](NetworkGraph& g) {
        g.AddHost("a");
        g.AddHost("b");
        g.AddLink("a", "b", {1, 0, 0});
      },
      "no delay");
}

// Every pair of hosts has a path, of the length that the topology says, and all cores are used.
TEST(FatTree, PathLengthsAndSpread) {
  for (uint32_t radix : {2u, 4u, 6u, 8u}) {
    FatTreeSpec spec;
    spec.radix = radix;
    spec = ResolveFatTree(spec);
    EXPECT_EQ(spec.hosts, radix * radix * radix / 4);
    const Fabric fabric(BuildFatTree(spec, {}, {}), {});
    for (uint32_t a = 0; a < spec.hosts; ++a) {
      for (uint32_t b = 0; b < spec.hosts; ++b) {
        if (a == b) continue;
        const uint32_t per_edge = radix / 2, per_pod = per_edge * per_edge;
        const size_t expected = a / per_edge == b / per_edge ? 2
                                : a / per_pod == b / per_pod ? 4
                                                             : 6;
        ASSERT_EQ(fabric.Path(a, b, a * 7919 + b).size(), expected) << a << " to " << b;
      }
    }
  }
}

TEST(FatTree, EqualCostPathsShareTheFlows) {
  FatTreeSpec spec;
  spec.radix = 8;  // 16 paths between pods
  FabricConfig config;
  config.ecn.enabled = false;
  TestNetwork network(BuildFatTree(ResolveFatTree(spec), {}, {}), config, {});
  for (uint32_t i = 0; i < 4096; ++i) {
    network.nic.SendMessage(i % 16, 112 + (i / 16) % 16, i / 256, 1000, i);
  }
  network.Run();
  // Uplinks of the first pod's edge switches: 4096 flows over 4 edges x 4 uplinks = 256 each.
  const auto& details = network.fabric.PortDetails();
  const auto& nodes = network.fabric.Graph().Nodes();
  int uplinks = 0;
  for (uint32_t i = 0; i < details.size(); ++i) {
    const std::string &from = nodes[details[i].from].name, &to = nodes[details[i].to].name;
    if (from.rfind("edge-", 0) != 0 || to.rfind("agg-0-", 0) != 0) continue;
    ++uplinks;
    EXPECT_NEAR(network.fabric.Ports()[i].DataFrames(), 256, 80) << from << " " << to;
  }
  EXPECT_EQ(uplinks, 16);
}

TEST(FatTree, TwoLevelsWithOversubscription) {
  FatTreeSpec spec;
  spec.levels = 2;
  spec.hosts = 128;
  spec.hosts_per_edge = 16;
  spec.oversubscription = 2;
  spec = ResolveFatTree(spec);
  const NetworkGraph graph = BuildFatTree(spec, {}, {});
  EXPECT_EQ(graph.HostCount(), 128u);
  EXPECT_EQ(graph.Nodes().size(), 128u + 8 + 8);
  EXPECT_EQ(graph.Links().size(), 128u + 64);
}

TEST(FatTree, RefusesImpossibleSizes) {
  const auto place = [](FatTreeSpec spec) {
    try {
      ResolveFatTree(spec);
    } catch (const InputError& error) {
      return error.Place();
    }
    return std::string("accepted");
  };
  FatTreeSpec spec;
  spec.levels = 4;
  EXPECT_EQ(place(spec), "--levels");
  spec = {};
  spec.radix = 3;
  EXPECT_EQ(place(spec), "--k");
  spec = {};
  spec.radix = 4;
  spec.hosts = 17;
  EXPECT_EQ(place(spec), "--hosts");
  spec = {};
  spec.hosts = 1;
  EXPECT_EQ(place(spec), "--hosts");
  spec = {};
  spec.radix = 4;
  spec.oversubscription = 3;
  EXPECT_EQ(place(spec), "--oversubscription");
}

// Hosts of one domain have to be connected, those of different ones need not be.
TEST(NetworkGraph, DomainsAreConnectedEachForItself) {
  NetworkGraph graph;
  for (const char* name : {"a", "b"}) graph.AddHost(name);
  for (const char* name : {"c", "d"}) graph.AddHost(name, "island");
  graph.AddLink("a", "b", {});
  graph.AddLink("c", "d", {});
  graph.Canonicalize();
  EXPECT_EQ(graph.HostCount(), 4u);
  EXPECT_EQ(graph.Nodes()[3].domain, "island");
  const Fabric fabric(graph, {});
  EXPECT_EQ(fabric.Path(2, 3, 0).size(), 1u);
  EXPECT_THROW(fabric.Path(0, 2, 0), std::logic_error);
  graph.AddHost("e", "island");
  graph.AddHost("f", "sea");
  graph.AddLink("e", "f", {});
  try {
    graph.Canonicalize();
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_EQ(error.Problem(), "host 'e' cannot be reached from 'c'");
  }
}

TEST(Routes, RandomGraphsReachEveryHostByShortestPaths) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    NetworkGraph graph;
    const uint32_t switches = 2 + random() % 12, hosts = 2 + random() % 30;
    std::vector<std::vector<uint32_t>> hops(switches, std::vector<uint32_t>(switches, 1000));
    const auto join = [&](uint32_t a, uint32_t b) {
      graph.AddLink("s-" + std::to_string(a), "s-" + std::to_string(b), {});
      hops[a][b] = hops[b][a] = 1;
    };
    for (uint32_t i = 0; i < switches; ++i) graph.AddSwitch("s-" + std::to_string(i), {});
    for (uint32_t i = 1; i < switches; ++i) join(i, random() % i);
    for (uint32_t i = 0; i < switches; ++i) {
      const uint32_t a = random() % switches, b = random() % switches;
      if (a != b && hops[a][b] != 1) join(a, b);
    }
    std::vector<uint32_t> home(hosts);
    for (uint32_t i = 0; i < hosts; ++i) {
      graph.AddHost("h-" + std::to_string(i));
      home[i] = random() % switches;
      graph.AddLink("h-" + std::to_string(i), "s-" + std::to_string(home[i]), {});
    }
    graph.Canonicalize();
    for (uint32_t k = 0; k < switches; ++k) {
      hops[k][k] = 0;
      for (uint32_t i = 0; i < switches; ++i) {
        for (uint32_t j = 0; j < switches; ++j) {
          hops[i][j] = std::min(hops[i][j], hops[i][k] + hops[k][j]);
        }
      }
    }
    const Fabric fabric(graph, {});
    for (uint32_t a = 0; a < hosts; ++a) {
      for (uint32_t b = 0; b < hosts; ++b) {
        if (a == b) continue;
        ASSERT_EQ(fabric.Path(a, b, random()).size(), hops[home[a]][home[b]] + 2u);
      }
    }
  }
}

}  // namespace
}  // namespace ddlsim
