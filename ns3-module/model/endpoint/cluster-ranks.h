// SPDX-License-Identifier: GPL-2.0-only
//
// From the names of a cluster's endpoints to the numbers that they have in a fabric.
#pragma once

#include "cluster/cluster-map.h"
#include "endpoint/rank-map.h"
#include "fabric/network-graph.h"

namespace ddlsim {

// `graph` is canonical and has the cluster's scale-up networks and NICs, where the cluster has
// them. Throws std::logic_error where one is missing.
RankMap MakeRankMap(const ClusterMap& cluster, const NetworkGraph& graph);

// One rank on each of the first hosts of a graph, engines apart.
RankMap MakeRankMap(uint32_t rank_count, const NetworkGraph& graph);

}  // namespace ddlsim
