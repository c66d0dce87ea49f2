// SPDX-License-Identifier: MIT
//
// Networks from files: what each format says arrives in the graph, and a graph that is written in
// it comes back.
#include "topology/topology-file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/quantity.h"
#include "topology/builders.h"
#include "topology/graph-measures.h"

namespace ddlsim {
namespace {

NetworkGraph Parsed(const std::string& format, const std::string& text, uint32_t added_hosts = 0) {
  TopologyFileOptions options;
  options.format = format;
  options.hosts_per_switch = added_hosts;
  TopologyFile file = ParseTopology("net", text, options);
  file.graph.Canonicalize();
  EXPECT_EQ(file.host_count, file.graph.HostCount());
  return file.graph;
}

std::string Quoted(const std::string& name) {
  return "\"" + name + "\"";
}

std::string YamlWay(const LinkConfig& link) {
  return "rate: " + FormatRate(link.rate_bps) + ", delay: " + FormatDuration(link.delay_ps) +
         ", loss: " + std::to_string(link.loss);
}

std::string AsYaml(const NetworkGraph& graph) {
  std::string yaml = "nodes:\n";
  for (const GraphNodeInfo& node : graph.Nodes()) {
    yaml += "  - {name: " + Quoted(node.name) + ", kind: " + (node.is_host ? "host}" : "switch");
    if (!node.is_host) {
      yaml += ", buffer: " + FormatSize(node.config.buffer_bytes) +
              ", latency: " + FormatDuration(node.config.latency_ps) + "}";
    }
    yaml += "\n";
  }
  yaml += "links:\n";
  for (const GraphLinkInfo& link : graph.Links()) {
    yaml += "  - {ends: [" + Quoted(graph.Nodes()[link.a].name) + ", " +
            Quoted(graph.Nodes()[link.b].name) + "], " + YamlWay(link.config) + ", back: {" +
            YamlWay(link.back) + "}}\n";
  }
  return yaml;
}

std::string Data(const char* key, const std::string& value) {
  return std::string("<data key=\"") + key + "\">" + value + "</data>";
}

std::string GraphmlWay(const std::string& prefix, const LinkConfig& link) {
  return Data((prefix + "r").c_str(), FormatRate(link.rate_bps)) +
         Data((prefix + "d").c_str(), FormatDuration(link.delay_ps)) +
         Data((prefix + "l").c_str(), std::to_string(link.loss));
}

std::string AsGraphml(const NetworkGraph& graph) {
  std::string xml = "<?xml version=\"1.0\"?>\n<graphml>\n";
  const char* const keys[][3] = {{"k", "node", "kind"},        {"b", "node", "buffer"},
                                 {"t", "node", "latency"},     {"x", "node", "label"},
                                 {"r", "edge", "rate"},        {"d", "edge", "delay"},
                                 {"l", "edge", "loss"},        {"br", "edge", "back_rate"},
                                 {"bd", "edge", "back_delay"}, {"bl", "edge", "back_loss"}};
  for (const auto& [id, domain, name] : keys) {
    xml += std::string("<key id=\"") + id + "\" for=\"" + domain + "\" attr.name=\"" + name +
           "\" attr.type=\"string\"/>\n";
  }
  xml += "<graph edgedefault=\"undirected\">\n";
  for (const GraphNodeInfo& node : graph.Nodes()) {
    xml += "<node id=\"" + node.name + "\">" + Data("k", node.is_host ? "host" : "switch") +
           Data("x", "a &lt;label&gt;") + Data("b", FormatSize(node.config.buffer_bytes)) +
           Data("t", FormatDuration(node.config.latency_ps)) + "</node>\n";
  }
  for (const GraphLinkInfo& link : graph.Links()) {
    xml += "<edge source=\"" + graph.Nodes()[link.a].name + "\" target=\"" +
           graph.Nodes()[link.b].name + "\">" + GraphmlWay("", link.config) +
           GraphmlWay("b", link.back) + "</edge>\n";
  }
  return xml + "</graph>\n</graphml>\n";
}

NetworkGraph RandomGraph(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto way = [&random] {
    LinkConfig link;
    link.rate_bps = 1000000 * (1 + random() % 800000);
    link.delay_ps = 1 + random() % 100000000;
    link.loss = static_cast<double>(random() % 5) / 8;
    return link;
  };
  return GraphOf([&](NetworkGraph& graph) {
    const uint32_t switches = 1 + random() % 8, hosts = 2 + random() % 12;
    for (uint32_t i = 0; i < switches; ++i) {
      SwitchConfig config;
      config.buffer_bytes = 1 + random() % (64u << 20);
      config.latency_ps = random() % 1000000;
      graph.AddSwitch(NodeName("s ", i), config);
      if (i > 0) graph.AddLink(NodeName("s ", i), NodeName("s ", random() % i), way(), way());
    }
    for (uint32_t i = 0; i < hosts; ++i) {
      graph.AddHost(NodeName("h-", i));
      graph.AddLink(NodeName("s ", random() % switches), NodeName("h-", i), way(), way());
    }
  });
}

TEST(TopologyFile, RandomNetworksComeBackFromYamlAndGraphml) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const NetworkGraph graph = RandomGraph(seed);
    EXPECT_TRUE(IsSame(graph, Parsed("yaml", AsYaml(graph))));
    EXPECT_TRUE(IsSame(graph, Parsed("graphml", AsGraphml(graph))));
    EXPECT_EQ(IsSame(graph, RandomGraph(seed + 1)), false);
  }
}

TEST(TopologyFile, YamlTakesDefaultsFromTheFileAndThenFromTheOptions) {
  const std::string text =
      "defaults: {rate: 100Gbps, buffer: 1MiB}\n"
      "nodes:\n"
      "  - {name: a, kind: host}\n"
      "  - {name: b, kind: host}\n"
      "  - {name: s, kind: switch, radix: 2}\n"
      "links:\n"
      "  - {ends: [a, s]}\n"
      "  - {ends: [s, b], rate: 10Gbps, back: {delay: 3us}}\n";
  TopologyFileOptions options;
  options.format = "yaml";
  options.parts.links.delay_ps = 2000000;
  options.parts.switches.latency_ps = 77;
  TopologyFile file = ParseTopology("net", text, options);
  file.graph.Canonicalize();
  const GraphNodeInfo& s = file.graph.Nodes()[2];
  EXPECT_EQ(s.config.buffer_bytes, 1u << 20);
  EXPECT_EQ(s.config.latency_ps, 77u);
  const GraphLinkInfo &first = file.graph.Links()[0], &second = file.graph.Links()[1];
  EXPECT_EQ(first.config.rate_bps, 100000000000u);
  EXPECT_EQ(first.back.delay_ps, 2000000u);
  // Nodes are in the order of names, hosts first: from b to s is the way back of the file.
  EXPECT_EQ(second.config.rate_bps, 10000000000u);
  EXPECT_EQ(second.config.delay_ps, 3000000u);
  EXPECT_EQ(second.back.delay_ps, 2000000u);
}

// The same map, a ring of three routers with two stubs, in the three line formats.
TEST(TopologyFile, MapsOfTheInternet) {
  const std::string inet =
      "5 5\n0 10 20\n1 3 4\n2 5 6\n3 1 1\n4 2 2\n0 1 7\n1 2 7\n2 0 7\n0 3 1\n1 4 1\n";
  const std::string orbis = "# a comment\n0 1\n1 0\n\n1 2\n2 0\n0\t3 4.5\r\n4 1\n";
  const std::string rocketfuel =
      "0 @Rome,+Italy + bb (3) &1 -> <1> <2> <3> {-9} =r0.example r0\n"
      "1 @Oslo (3) -> <0> <2> <4> =r1 r1\n"
      "2 @Bern (2) -> <0> <1> =r2! r1\n"
      "3 @Rome (1) -> <0> =s3 r2\n"
      "4 @Oslo (1) -> <1> =s4 r2\n"
      "-9 =elsewhere r0\n";
  const NetworkGraph graph = Parsed("inet", inet);
  EXPECT_EQ(graph.HostCount(), 2u);
  EXPECT_EQ(FabricLinkCount(graph), 3u);
  EXPECT_TRUE(IsSame(graph, Parsed("orbis", orbis)));
  EXPECT_TRUE(IsSame(graph, Parsed("rocketfuel", rocketfuel)));
  // With hosts for every node, the stubs are switches as well.
  const NetworkGraph full = Parsed("orbis", orbis, 2);
  EXPECT_EQ(full.HostCount(), 10u);
  EXPECT_EQ(FabricLinkCount(full), 5u);
  EXPECT_EQ(RoutedDiameter(full), 3u);  // from stub to stub
}

TEST(TopologyFile, GraphmlOfOtherToolsHasNoKinds) {
  const std::string text =
      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">"
      "<key attr.name=\"label\" attr.type=\"string\" for=\"node\" id=\"d1\"/>"
      "<key attr.name=\"rate\" for=\"edge\" id=\"d2\"><default>40Gbps</default></key>"
      "<graph edgedefault=\"undirected\"><node id=\"0\"><data key=\"d1\">Ulm</data></node>"
      "<node id=\"1\"/><node id=\"2\"/><edge source=\"0\" target=\"1\"/>"
      "<edge source=\"1\" target=\"2\"><data key=\"d2\">10Gbps</data></edge></graph></graphml>";
  const NetworkGraph graph = Parsed("graphml", text);
  EXPECT_EQ(graph.HostCount(), 2u);
  EXPECT_EQ(graph.Links()[0].config.rate_bps, 40000000000u);
  EXPECT_EQ(graph.Links()[1].config.rate_bps, 10000000000u);
  EXPECT_EQ(Parsed("graphml", text, 1).HostCount(), 3u);
}

TEST(TopologyFile, TheEndOfTheNameTellsTheFormat) {
  const std::string path = testing::TempDir() + "ddl-topology-test.weights";
  std::ofstream(path) << "a b 1\nb c 2\n";
  const TopologyFile file = ReadTopologyFile(path, {});
  EXPECT_EQ(file.host_count, 2u);
  std::remove(path.c_str());
  EXPECT_NE(RefusalOf([&] { ReadTopologyFile(path, {}); }).find("no such file"), std::string::npos);
  EXPECT_NE(RefusalOf([] { ReadTopologyFile("net.txt", {}); }).find("--file-format"),
            std::string::npos);
}

// The example of the documentation is one that works.
TEST(TopologyFile, ExampleOfTheDocumentation) {
  TopologyFile file = ReadTopologyFile("scenarios/topologies/two-racks.yaml", {});
  file.graph.Canonicalize();
  EXPECT_EQ(file.host_count, 16u);
  EXPECT_EQ(RoutedDiameter(file.graph), 2u);
}

}  // namespace
}  // namespace ddlsim
