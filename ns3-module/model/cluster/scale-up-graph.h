// SPDX-License-Identifier: GPL-2.0-only
//
// The networks among the GPUs of a cluster's hosts, as nodes and links of a NetworkGraph, and the
// joining of its NICs to a scale-out network.
//
// A GPU is a host of the graph and has one link. Where it has several in reality (mesh, torus,
// bridges), it hangs on a crossbar of its own, "host-3/gpu-2/crossbar", by a link as fast as all
// of them together; its delay is taken off that of the links between GPUs, so that the preset's
// latency is that of the whole way. These switches forward as soon as a packet of the link is in,
// and have buffers in place of the credits that keep real ones from losing anything.
#pragma once

#include <cstdint>

#include "cluster/cluster-map.h"
#include "fabric/network-graph.h"

namespace ddlsim {

// What may wait in a switch of a scale-up network; the windows of its senders stay far below.
constexpr uint64_t kScaleUpBufferBytes = uint64_t{1} << 30;
// Of the link between a GPU and its crossbar.
constexpr uint64_t kCrossbarDelayPs = 500;

struct ScaleUpGraphOptions {
  // Adds "host-3/nvswitch/engine" to each switch, on a link as fast as those of all its GPUs.
  bool has_reduction_engines = false;
};

// Adds the scale-up networks of all hosts. Each is a domain of its own (NetworkGraph::AddHost). The
// caller canonicalizes.
void AddScaleUp(const ClusterMap& cluster, const ScaleUpGraphOptions& options, NetworkGraph& graph);

// Adds a canonical network whose hosts become the cluster's NICs, in the order of both. A NIC's
// link is not faster than what its GPU can feed it. Throws std::logic_error where the numbers of
// hosts and NICs differ.
void AddScaleOut(const ClusterMap& cluster, const NetworkGraph& network, NetworkGraph& graph);

}  // namespace ddlsim
