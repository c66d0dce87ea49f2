// SPDX-License-Identifier: GPL-2.0-only
//
// How NICs frame messages on a cluster's scale-up networks.
#pragma once

#include "cluster/cluster-map.h"
#include "fabric/network-graph.h"
#include "nic/rdma-nic.h"

namespace ddlsim {

// Of one frame. Each has the headers of a full one; the 20 bytes that the fabric adds between
// frames are among them.
LinkClass ScaleUpLinkClass(const ScaleUpFraming& framing);

// Gives the GPUs among the hosts of `graph`, which is canonical, the cluster's framing.
void SetScaleUpFraming(const ClusterMap& cluster, const NetworkGraph& graph, NicConfig& nic);

}  // namespace ddlsim
