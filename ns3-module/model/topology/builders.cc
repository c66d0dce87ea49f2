// SPDX-License-Identifier: GPL-2.0-only
#include "topology/builders.h"

namespace ddlsim {

NetworkGraph BuildFatTree(const FatTreeSpec& resolved, const SwitchConfig& switches,
                          const LinkConfig& links, const LinkConfig& fabric_links) {
  NetworkGraph graph;
  AddFatTree(graph, resolved, {switches, links, fabric_links});
  graph.Canonicalize();
  return graph;
}

NetworkGraph BuildFatTree(const FatTreeSpec& resolved, const SwitchConfig& switches,
                          const LinkConfig& links) {
  return BuildFatTree(resolved, switches, links, links);
}

NetworkGraph BuildStar(uint32_t hosts, const SwitchConfig& switches, const LinkConfig& links) {
  NetworkGraph graph;
  AddStar(graph, hosts, {switches, links, links});
  graph.Canonicalize();
  return graph;
}

NetworkGraph BuildRing(uint32_t hosts, const SwitchConfig& switches, const LinkConfig& links) {
  NetworkGraph graph;
  AddRing(graph, hosts, 1, {switches, links, links});
  graph.Canonicalize();
  return graph;
}

NetworkGraph BuildPair(const LinkConfig& links) {
  NetworkGraph graph;
  AddPair(graph, 2, links);
  graph.Canonicalize();
  return graph;
}

}  // namespace ddlsim
