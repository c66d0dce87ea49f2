// SPDX-License-Identifier: GPL-2.0-only
#include "results/topology-writer.h"

#include <cstdio>

#include "results/decimal-text.h"
#include "results/escaped-text.h"

namespace ddlsim {
namespace {

std::string NodeJson(const GraphNodeInfo& node) {
  std::string json = "{\"name\": " + JsonString(node.name);
  if (node.is_host) return json + ", \"kind\": \"host\"}";
  return json +
         ", \"kind\": \"switch\", \"buffer_bytes\": " + std::to_string(node.config.buffer_bytes) +
         ", \"latency_ns\": " + NsText(node.config.latency_ps) + "}";
}

std::string WayJson(const LinkConfig& link) {
  char rate[kNumberTextMax], loss[kNumberTextMax];
  *WriteBpsAsGbps(rate, link.rate_bps) = '\0';
  std::snprintf(loss, sizeof loss, "%.9g", link.loss);
  return std::string("\"rate_gbps\": ") + rate + ", \"delay_ns\": " + NsText(link.delay_ps) +
         ", \"loss\": " + loss;
}

bool IsAlike(const LinkConfig& x, const LinkConfig& y) {
  return x.rate_bps == y.rate_bps && x.delay_ps == y.delay_ps && x.loss == y.loss;
}

}  // namespace

std::string TopologyJson(const NetworkGraph& graph, const std::string& topology,
                         const std::string& description) {
  std::string json = "{\n  \"topology\": " + JsonString(topology) +
                     ",\n  \"description\": " + JsonString(description) + ",\n  \"nodes\": [";
  const char* separator = "\n    ";
  for (const GraphNodeInfo& node : graph.Nodes()) {
    json += separator + NodeJson(node);
    separator = ",\n    ";
  }
  json += "\n  ],\n  \"links\": [";
  separator = "\n    ";
  for (const GraphLinkInfo& link : graph.Links()) {
    json += separator;
    json += "{\"a\": " + JsonString(graph.Nodes()[link.a].name) +
            ", \"b\": " + JsonString(graph.Nodes()[link.b].name) + ", " + WayJson(link.config);
    if (!IsAlike(link.config, link.back)) json += ", \"back\": {" + WayJson(link.back) + "}";
    json += "}";
    separator = ",\n    ";
  }
  return json + "\n  ]\n}\n";
}

}  // namespace ddlsim
