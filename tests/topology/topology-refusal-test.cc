// SPDX-License-Identifier: MIT
//
// Files that are wrong, or made to harm, are refused with the line or the node's name, and fast: a
// test that took long or much memory would run into the limits of the test run.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/input-error.h"
#include "topology/graph-measures.h"
#include "topology/topology-file.h"

namespace ddlsim {
namespace {

std::string Refusal(const std::string& format, const std::string& text, uint32_t added_hosts = 0) {
  TopologyFileOptions options;
  options.format = format;
  options.hosts_per_switch = added_hosts;
  return RefusalOf([&] { ParseTopology("net", text, options).graph.Canonicalize(); });
}

struct Case {
  const char* format;
  std::string text;
  const char* needle;
};

void ExpectRefusals(const std::vector<Case>& cases) {
  for (const Case& bad : cases) {
    const std::string refusal = Refusal(bad.format, bad.text);
    EXPECT_NE(refusal.find(bad.needle), std::string::npos) << bad.text.substr(0, 300) << "\n"
                                                           << refusal;
    EXPECT_NE(refusal.find("; "), std::string::npos) << refusal;
    EXPECT_EQ(refusal.find('\n'), std::string::npos) << refusal;
  }
}

const char kNodes[] = "nodes:\n- {name: a, kind: host}\n- {name: b, kind: host}\n";
const char kSwitch[] = "- {name: s, kind: switch, radix: 1}\n";

TEST(TopologyRefusal, Yaml) {
  const std::string nodes = kNodes, with_switch = nodes + kSwitch;
  ExpectRefusals({
      {"yaml", "", "net: is empty"},
      {"yaml", "nodes: {}\nlinks: []\n", "net:1: 'nodes' is not a list"},
      {"yaml", "nodes: []\n", "lacks 'links'"},
      {"yaml", "nodes: []\nlinks: []\nlinkss: []\n", "net:3: 'linkss' is no key"},
      {"yaml", "nodes: []\nlinks: []\n", "has 0 hosts"},
      {"yaml", "nodes: [1]\nlinks: []\n", "expected a node"},
      {"yaml", nodes + "links:\n- {ends: [a, c]}\n",
       "net:5: link a -- c has an end that is no node"},
      {"yaml", nodes + "links:\n- {ends: [a]}\n", "net:5: a link has 1 ends"},
      {"yaml", nodes + "links:\n- {ends: [a, a]}\n", "joins a node to itself"},
      {"yaml", nodes + "- {name: a, kind: host}\nlinks: []\n", "net:4: two nodes are named 'a'"},
      {"yaml", nodes + "- {name: c, kind: router}\nlinks: []\n", "'router' is no value of 'kind'"},
      {"yaml", nodes + "- {name: c, kind: host, buffer: 1MiB}\nlinks: []\n", "'buffer' is no key"},
      {"yaml", nodes + "- {name: \"c\\n\", kind: host}\nlinks: []\n", "is no name of a node"},
      {"yaml", nodes + "links:\n- {ends: [a, b], rate: 400}\n", "net:5"},
      {"yaml", nodes + "links:\n- {ends: [a, b], rate: 0Gbps}\n", "net:5"},
      {"yaml", nodes + "links:\n- {ends: [a, b], rate: 200Tbps}\n", "up to 100 Tb/s"},
      {"yaml", nodes + "links:\n- {ends: [a, b], delay: 0ns}\n", "link a -- b has a delay of zero"},
      {"yaml", nodes + "links:\n- {ends: [a, b], loss: 2}\n", "net:5"},
      {"yaml", nodes + "links:\n- {ends: [a, b], back: {speed: 1}}\n", "'speed' is no key"},
      {"yaml", nodes + "links: []\n", "net:2: host 'a' has 0 links"},
      {"yaml", nodes + "links:\n- {ends: [a, b]}\n- {ends: [b, a]}\n", "host 'a' has 2 links"},
      {"yaml", with_switch + "links:\n- {ends: [a, s]}\n- {ends: [b, s]}\n",
       "net:4: switch 's' has 2 links and a radix of 1"},
      {"yaml",
       nodes + "- {name: c, kind: host}\n- {name: d, kind: host}\nlinks:\n"
               "- {ends: [a, b]}\n- {ends: [c, d]}\n",
       "host 'c' cannot be reached from 'a'"},
  });
  EXPECT_NE(Refusal("yaml", nodes + "links:\n- {ends: [a, b]}\n", 1).find("hosts of its own"),
            std::string::npos);
}

std::string Graphml(const std::string& inside) {
  return "<graphml>\n<key id=\"k\" for=\"node\" attr.name=\"kind\"/>\n"
         "<key id=\"r\" for=\"edge\" attr.name=\"rate\"/>\n<graph edgedefault=\"undirected\">\n" +
         inside + "</graph>\n</graphml>\n";
}

TEST(TopologyRefusal, Graphml) {
  const std::string two = "<node id=\"a\"/>\n<node id=\"b\"/>\n";
  ExpectRefusals({
      {"graphml", "", "net:1: is not XML"},
      {"graphml", "<graphml>\n<graph>\n</graphml>", "net:3: is not XML"},
      {"graphml", "<svg/>", "is no GraphML"},
      {"graphml", "<graphml/>", "does not hold one graph"},
      {"graphml", "<graphml><graph/><graph/></graphml>", "does not hold one graph"},
      {"graphml", "<graphml>\n<graph edgedefault=\"directed\"/></graphml>", "net:2: the graph is"},
      {"graphml", Graphml("<node/>"), "net:5: '' is no name"},
      {"graphml", Graphml(two + "<node id=\"a\"/>"), "net:7: two nodes are named 'a'"},
      {"graphml", Graphml("<node id=\"a\"><data key=\"k\">tor</data></node>"), "'tor' is no kind"},
      {"graphml", Graphml("<node id=\"a\"><data key=\"q\">1</data></node>"), "'q' is no key"},
      {"graphml", Graphml("<node id=\"a\"><graph/></node>"), "inside nodes"},
      {"graphml", Graphml(two + "<edge source=\"a\" target=\"c\"/>"), "net:7: link a -- c"},
      {"graphml", Graphml(two + "<edge source=\"a\"/>"), "no node: ''"},
      {"graphml", Graphml(two + "<edge source=\"a\" target=\"b\" directed=\"true\"/>"), "directed"},
      {"graphml", Graphml(two + "<edge source=\"a\" target=\"b\"><data key=\"r\">10</data></edge>"),
       "net:7"},
      {"graphml", Graphml(two + "<hyperedge/>"), "hyperedge"},
  });
}

TEST(TopologyRefusal, Maps) {
  ExpectRefusals({
      {"inet", "", "is no head"},
      {"inet", "two nodes\n", "net:1"},
      {"inet", "-1 3\n", "net:1"},
      {"inet", "2 1\n0 1 1\n", "is no node of an Inet map, of which the head announces 2"},
      {"inet", "2 1\n0 1 1\n0 1 1\n", "net:3: two nodes are named '0'"},
      {"inet", "2 1\n0 1 1\n1 1 1\n0 2 1\n", "net:4: link 0 -- 2"},
      {"inet", "2 1\n0 1 1\n1 1 1\n0 1 1\n0 1 1\n", "net:5: is more than the head announces"},
      {"inet", "4000000000 4000000000\n", "net:1: is no node"},
      {"orbis", "", "has 0 hosts"},
      {"orbis", "a b\nb c d e\n", "net:2: is no link"},
      {"orbis", "a b\nb c\nc a\n", "has 0 hosts"},
      {"rocketfuel", "x @Rome (1) -> <1>\n", "net:1: begins with no number"},
      {"rocketfuel", "1 @Rome (1) <2>\n", "net:1: has no '->'"},
      {"rocketfuel", "1 @Rome (1) -> <2\n", "'<2' is no neighbour"},
      {"rocketfuel", "1 @Rome (1) -> <2>\n", "net:1: link 1 -- 2"},
      {"rocketfuel", "1 @Rome (1) -> <2>\n1 @Rome -> <2>\n", "net:2: two nodes are named '1'"},
  });
}

// Small files that stand for large trees, other files, and deep nesting.
TEST(TopologyRefusal, Bombs) {
  std::string aliases = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    const std::string before = std::string("*") + static_cast<char>(c - 1);
    aliases += std::string(1, c) + ": &" + c + " [" + before + "," + before + "]\n";
  }
  std::string entities = "<!DOCTYPE lolz [<!ENTITY a \"lol\">";
  for (char c = 'b'; c <= 'i'; ++c) {
    const std::string before = std::string("&") + static_cast<char>(c - 1) + ";";
    entities += std::string("<!ENTITY ") + c + " \"" + before + before + before + "\">";
  }
  entities += "]>\n<graphml><graph><node id=\"&i;\"/></graph></graphml>";
  std::string deep_xml, wide_xml = "<graphml>";
  for (int i = 0; i < 200000; ++i) deep_xml += "<a>";
  for (int i = 0; i < 9000000; ++i) wide_xml += "<a/>";
  std::string wide_yaml = "nodes: [";
  for (int i = 0; i < 3000000; ++i) wide_yaml += "0,";
  ExpectRefusals({
      {"yaml", aliases, "net:1: uses an anchor"},
      {"yaml", "nodes: *b\n", "net:1"},
      {"yaml", "nodes: !include /etc/passwd\n", "uses a tag"},
      {"yaml", "nodes: " + std::string(100000, '['), "nests deeper than 16"},
      {"yaml", wide_yaml, "holds more than 2097152 values"},
      {"yaml", std::string(17u << 20, ' '), "is larger than 16 MiB"},
      {"graphml", entities, "has a document type"},
      {"graphml", "<!DOCTYPE g [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><graphml>&x;</graphml>",
       "has a document type"},
      {"graphml", deep_xml, "is not XML"},
      {"graphml", wide_xml, "has more than 8388608 tags"},
      {"orbis", std::string((64u << 20) + 1, 'a'), "is larger than 64 MiB"},
      {"orbis", std::string(2u << 20, 'a'), "net:1: is a line too long"},
  });
  std::string closed_xml = Graphml("<node id=\"a\"/>" + deep_xml);
  for (int i = 0; i < 200000; ++i) closed_xml += "</a>";
  EXPECT_NE(Refusal("graphml", closed_xml).find("is not XML"), std::string::npos);
  std::string links;
  for (int i = 0; i < 270000; ++i) links += std::to_string(i) + " x\n";
  EXPECT_NE(Refusal("orbis", links).find("has more than 262144 nodes"), std::string::npos);
}

TEST(TopologyRefusal, WhatIsNoFile) {
  const auto refusal = [](const std::string& path) {
    TopologyFileOptions options;
    options.format = "orbis";
    return RefusalOf([&] { ReadTopologyFile(path, options); });
  };
  EXPECT_NE(refusal("/no/such/file").find("/no/such/file: there is no such file"),
            std::string::npos);
  EXPECT_NE(refusal("/dev/zero").find("is not a plain file"), std::string::npos);
  EXPECT_NE(refusal(testing::TempDir()).find("is not a plain file"), std::string::npos);
}

// Whatever is done to a good file, it is read or refused as bad input.
TEST(TopologyRefusal, DamagedFilesNeverCrash) {
  const std::string good[] = {
      std::string(kNodes) + "links:\n- {ends: [a, b], rate: 10Gbps, back: {delay: 1us}}\n",
      Graphml("<node id=\"a\"/><node id=\"b\"/><edge source=\"a\" target=\"b\"/>"),
      "2 1\n0 1 1\n1 1 1\n0 1 1\n", "a b\nb c 3\n", "1 @Rome (1) -> <2>\n2 @Rome (1) -> <1>\n"};
  const char* const formats[] = {"yaml", "graphml", "inet", "orbis", "rocketfuel"};
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const size_t which = random() % 5;
    std::string text = good[which];
    for (uint64_t i = random() % 4; i-- > 0;) {
      const size_t at = random() % text.size();
      if (random() % 3 == 0)
        text.erase(at, random() % 8);
      else if (random() % 2 == 0)
        text.insert(at, text.substr(random() % text.size(), 10));
      else
        text[at] = static_cast<char>(random() % 256);
      if (text.empty()) text = "x";
    }
    const std::string refusal = Refusal(formats[which], text);
    EXPECT_EQ(refusal.find('\n'), std::string::npos) << refusal;
  }
}

}  // namespace
}  // namespace ddlsim
