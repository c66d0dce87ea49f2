// SPDX-License-Identifier: GPL-2.0-only
//
// How the members of a communicator lie on the nodes: which of them share a scale-up network, and
// over how many NICs such a node reaches the others. Where every node has equally many members,
// with consecutive member numbers, algorithms that know nodes apply; else each member counts as a
// node.
#pragma once

#include <cstdint>
#include <vector>

#include "endpoint/rank-map.h"

namespace ddlsim {

class GroupLayout {
 public:
  GroupLayout(const RankMap& ranks, const std::vector<uint32_t>& members);

  uint32_t RankCount() const { return static_cast<uint32_t>(m_members.size()); }
  uint32_t LocalSize() const { return m_local_size; }
  uint32_t NodeCount() const { return RankCount() / m_local_size; }
  // Rings, one per NIC, that a collective over all nodes uses side by side.
  uint32_t NicsPerNode() const { return m_nics_per_node; }
  uint32_t RankOf(uint32_t member) const { return m_members[member]; }

  // Place in the schedule of bundle b <-> member: within its node each bundle begins one NIC
  // further, so that each crosses between nodes over a NIC of its own.
  uint32_t MemberAt(uint32_t place, uint32_t bundle) const;
  uint32_t PlaceOf(uint32_t member, uint32_t bundle) const;
  // A message of the bundle between two members: over the scale-up network, or from and to the
  // bundle's NIC on both nodes (rail-aligned).
  RankRoute Route(uint32_t src_member, uint32_t dst_member, uint32_t bundle) const;
  // Between nodes over the sending node's NIC on the rail of the receiver, which any GPU of the
  // node may use through the GPU beside it (NCCL's PXN); within a node over the scale-up network.
  RankRoute RailRoute(uint32_t src_member, uint32_t dst_member) const;
  bool IsScaleUp(uint32_t a, uint32_t b) const {
    return IsEngine(a) || IsEngine(b) || m_ranks.IsScaleUp(m_members[a], m_members[b]);
  }
  // In cookies: a rank's GPU within its host, or that it is an engine.
  uint32_t GpuOf(uint32_t participant) const {
    return IsEngine(participant) ? RankMap::kEngineGpu : m_ranks.GpuOf(m_members[participant]);
  }
  // Engines are participants behind the members, one per node, in their order.
  bool IsEngine(uint32_t participant) const { return participant >= RankCount(); }
  bool HasEngines() const;
  uint32_t EngineAt(uint32_t endpoint) const;

 private:
  uint32_t EndpointOf(uint32_t participant) const;
  uint32_t Shift(uint32_t bundle) const { return bundle * m_local_size / m_nics_per_node; }

  const RankMap& m_ranks;
  const std::vector<uint32_t>& m_members;
  uint32_t m_local_size = 1;
  uint32_t m_nics_per_node = 1;
};

}  // namespace ddlsim
