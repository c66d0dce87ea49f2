// SPDX-License-Identifier: GPL-2.0-only
//
// GraphML (Brandes, Eiglsperger, Lerner, "GraphML Primer"): one undirected graph, attributes by
// keys that are declared in front. pugixml builds the tree: it reads no other file and replaces no
// entity but XML's own five.
#include <algorithm>
#include <cstring>
#include <map>
#include <pugixml.hpp>

#include "base/input-error.h"
#include "base/quantity.h"
#include "topology/file-readers.h"

namespace ddlsim {
namespace {

constexpr size_t kTagsMax = 8u << 20;  // a tree takes about 100 bytes for each
constexpr uint64_t kRadixMax = 1u << 20;

using Attributes = std::map<std::string, std::string>;  // by the names that keys declare

class GraphmlReader {
 public:
  GraphmlReader(const std::string& text, const TopologyParts& parts, TopologyDraft& draft)
      : m_parts(parts), m_draft(draft) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') m_line_ends.push_back(i);
    }
  }

  void Read(const pugi::xml_document& document) {
    if (std::any_of(document.begin(), document.end(),
                    [](const pugi::xml_node& node) { return node.type() == pugi::node_doctype; })) {
      Refuse(document.first_child(), "has a document type", "remove <!DOCTYPE ...>");
    }
    const pugi::xml_node root = document.document_element();
    if (std::strcmp(root.name(), "graphml") != 0) {
      Refuse(root, "is no GraphML", "the outermost element is <graphml>");
    }
    for (const pugi::xml_node& key : root.children("key")) ReadKey(key);
    const pugi::xml_node graph = root.child("graph");
    if (!graph || graph.next_sibling("graph")) {
      Refuse(root, "does not hold one graph", "keep one <graph>");
    }
    if (std::strcmp(graph.attribute("edgedefault").value(), "directed") == 0) {
      Refuse(graph, "the graph is directed",
             "export it undirected; keys back_rate, back_delay and back_loss tell ways apart");
    }
    for (const pugi::xml_node& node : graph.children("node")) ReadNode(node);
    for (const pugi::xml_node& edge : graph.children("edge")) ReadEdge(edge);
    if (graph.child("hyperedge")) {
      Refuse(graph.child("hyperedge"), "a hyperedge is no link", "use <edge>");
    }
  }

 private:
  struct Key {
    std::string name;   // attr.name
    std::string value;  // of <default>
    bool is_of_nodes = false;
    bool is_of_edges = false;
    bool has_default = false;
  };

  uint32_t LineOf(const pugi::xml_node& node) const {
    const ptrdiff_t offset = std::max<ptrdiff_t>(0, node.offset_debug());
    const auto end =
        std::lower_bound(m_line_ends.begin(), m_line_ends.end(), static_cast<size_t>(offset));
    return static_cast<uint32_t>(end - m_line_ends.begin()) + 1;
  }
  std::string PlaceOf(const pugi::xml_node& node) const { return m_draft.Place(LineOf(node)); }
  [[noreturn]] void Refuse(const pugi::xml_node& node, const std::string& problem,
                           const std::string& remedy) const {
    throw InputError(PlaceOf(node), problem, remedy);
  }

  void ReadKey(const pugi::xml_node& node) {
    const std::string domain = node.attribute("for").value();
    Key key;
    key.name = node.attribute("attr.name").value();
    key.is_of_nodes = domain == "node" || domain == "all";
    key.is_of_edges = domain == "edge" || domain == "all";
    key.has_default = static_cast<bool>(node.child("default"));
    key.value = node.child_value("default");
    if (!m_keys.emplace(node.attribute("id").value(), key).second) {
      Refuse(node, "two keys have the same id", "give each its own");
    }
  }

  // Names that nothing here reads (labels, coordinates) are in the map as well.
  Attributes AttributesOf(const pugi::xml_node& element, bool is_node) const {
    Attributes attributes;
    for (const auto& [id, key] : m_keys) {
      if (key.has_default && (is_node ? key.is_of_nodes : key.is_of_edges)) {
        attributes[key.name] = key.value;
      }
    }
    for (const pugi::xml_node& data : element.children("data")) {
      const auto key = m_keys.find(data.attribute("key").value());
      if (key == m_keys.end()) {
        Refuse(data, "'" + Printable(data.attribute("key").value()) + "' is no key",
               "declare it with <key> before the graph");
      }
      attributes[key->second.name] = data.child_value();
    }
    return attributes;
  }

  void ReadNode(const pugi::xml_node& element) {
    if (element.child("graph") || element.child("port")) {
      Refuse(element, "graphs and ports inside nodes are not read", "flatten the graph");
    }
    const std::string place = PlaceOf(element);
    Attributes attributes = AttributesOf(element, true);
    DraftNode node;
    node.name = element.attribute("id").value();
    node.line = LineOf(element);
    node.config = m_parts.switches;
    if (attributes.count("kind") != 0) {
      const std::string& kind = attributes["kind"];
      if (kind != "host" && kind != "switch") {
        Refuse(element, "'" + Printable(kind) + "' is no kind", "use host or switch");
      }
      node.kind = kind == "host" ? DraftKind::kHost : DraftKind::kSwitch;
    }
    if (attributes.count("buffer") != 0) {
      node.config.buffer_bytes = ParseSizeBytes(place, attributes["buffer"]);
    }
    if (attributes.count("latency") != 0) {
      node.config.latency_ps = ParseDurationPs(place, attributes["latency"]);
    }
    if (attributes.count("radix") != 0) {
      node.radix = static_cast<uint32_t>(ParseCount(place, attributes["radix"], 1, kRadixMax));
    }
    m_draft.AddNode(std::move(node));
  }

  void ReadEdge(const pugi::xml_node& element) {
    if (std::strcmp(element.attribute("directed").value(), "true") == 0) {
      Refuse(element, "the edge is directed", "a link goes both ways: leave it out");
    }
    DraftLink link;
    link.a = element.attribute("source").value();
    link.b = element.attribute("target").value();
    link.line = LineOf(element);
    link.config = m_parts.links;
    const std::string place = PlaceOf(element);
    const Attributes attributes = AttributesOf(element, false);
    ReadWay(place, attributes, "", link.config);
    link.back = link.config;
    ReadWay(place, attributes, "back_", link.back);
    m_draft.AddLink(std::move(link));
  }

  static void ReadWay(const std::string& place, const Attributes& attributes,
                      const std::string& prefix, LinkConfig& link) {
    const auto find = [&](const char* name) { return attributes.find(prefix + name); };
    const auto end = attributes.end();
    if (find("rate") != end) link.rate_bps = ParseRateBps(place, find("rate")->second);
    if (find("delay") != end) link.delay_ps = ParseDurationPs(place, find("delay")->second);
    if (find("loss") != end) link.loss = ParseProbability(place, find("loss")->second);
  }

  const TopologyParts& m_parts;
  TopologyDraft& m_draft;
  std::vector<size_t> m_line_ends;
  std::map<std::string, Key> m_keys;
};

}  // namespace

void ReadGraphmlTopology(const std::string& text, const TopologyParts& parts,
                         TopologyDraft& draft) {
  if (static_cast<size_t>(std::count(text.begin(), text.end(), '<')) > kTagsMax) {
    throw InputError(draft.Place(), "has more than " + std::to_string(kTagsMax) + " tags",
                     "choose a smaller network");
  }
  GraphmlReader reader(text, parts, draft);
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(
      text.data(), text.size(), pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
  if (!result) {
    const auto end = text.begin() + std::min<ptrdiff_t>(result.offset, text.size());
    const auto lines = static_cast<uint32_t>(std::count(text.begin(), end, '\n'));
    throw InputError(draft.Place(lines + 1),
                     std::string("is not XML: ") + Printable(result.description()),
                     "mend the syntax there");
  }
  reader.Read(document);
}

}  // namespace ddlsim
