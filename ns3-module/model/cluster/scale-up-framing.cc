// SPDX-License-Identifier: GPL-2.0-only
#include "cluster/scale-up-framing.h"

namespace ddlsim {

LinkClass ScaleUpLinkClass(const ScaleUpFraming& framing) {
  LinkClass link;
  link.payload_bytes = framing.payload_bytes;
  link.framing.header_bytes = framing.FrameOverheadBytes() - kWireOverheadBytes;
  link.framing.first_bytes = 0;
  link.framing.ack_bytes = framing.ack_bytes - kWireOverheadBytes;
  return link;
}

void SetScaleUpFraming(const ClusterMap& cluster, const NetworkGraph& graph, NicConfig& nic) {
  if (!cluster.HasScaleUp()) return;
  nic.link_classes.push_back(ScaleUpLinkClass(cluster.HostType().scale_up.framing));
  const auto link_class = static_cast<uint8_t>(nic.link_classes.size());
  nic.link_class_of_host.assign(graph.HostCount(), 0);
  for (uint32_t host = 0; host < graph.HostCount(); ++host) {
    if (graph.Nodes()[host].is_scale_up) nic.link_class_of_host[host] = link_class;
  }
}

}  // namespace ddlsim
