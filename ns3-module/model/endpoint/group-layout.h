// SPDX-License-Identifier: GPL-2.0-only
//
// How the members of a communicator lie on the nodes: which of them share a scale-up network, and
// over how many NICs such a node reaches the others. Where every node has equally many members,
// with consecutive member numbers, algorithms that know nodes apply; else each member counts as a
// node.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "endpoint/rank-map.h"
#include "library/library-plan.h"

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

  // The same within the one node of a group.
  uint32_t LocalRings() const { return NodeCount() == 1 ? BundleCount() : 1; }
  // Whether rings visit the ranks of a node in orders of the host's, each on links of its own.
  bool HasRings() const { return m_has_rings; }

  // Of the slowest link between two members of a node, where each two have one for themselves; 0
  // elsewhere.
  uint64_t PairLinkBps() const;

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
    if (IsSwitchEngine(a) || IsSwitchEngine(b)) return false;
    return IsEngine(a) || IsEngine(b) || m_ranks.IsScaleUp(m_members[a], m_members[b]);
  }
  // In cookies: a rank's GPU within its host, or that it is an engine.
  uint32_t GpuOf(uint32_t participant) const {
    return IsEngine(participant) ? RankMap::kEngineGpu : m_ranks.GpuOf(m_members[participant]);
  }
  // Engines are participants behind the members: one per node, in their order, of the node's own
  // switch, then those of switches between nodes.
  bool IsEngine(uint32_t participant) const { return participant >= RankCount(); }
  bool HasEngines() const;
  // The tree of switches that reduce what a bundle's members send; null: there is none.
  std::shared_ptr<const SwitchTree> TreeOf(uint32_t bundle) const {
    return m_trees.empty() ? nullptr : m_trees[bundle];
  }
  uint32_t EngineAt(uint32_t endpoint) const;

 private:
  bool IsSwitchEngine(uint32_t participant) const {
    return participant >= RankCount() + NodeCount();
  }
  uint32_t EndpointOf(uint32_t participant) const;
  void PlantTrees();
  uint32_t SwitchOf(uint32_t node, uint32_t bundle) const;
  std::vector<uint32_t> BranchesOf(uint32_t bundle, const std::vector<uint32_t>& above) const;
  std::shared_ptr<const SwitchTree> MakeTree(uint32_t bundle);
  uint32_t NumberOf(uint32_t switch_engine_endpoint);
  uint32_t Shift(uint32_t bundle) const { return bundle * m_local_size / m_nics_per_node; }
  uint32_t BundleCount() const { return static_cast<uint32_t>(m_orders.size()); }
  bool CoversHosts(const std::vector<std::vector<uint32_t>>& rings) const;
  void OrderBundles();

  const RankMap& m_ranks;
  const std::vector<uint32_t>& m_members;
  uint32_t m_local_size = 1;
  uint32_t m_nics_per_node = 1;
  bool m_has_rings = false;
  std::vector<std::shared_ptr<const SwitchTree>> m_trees;  // by bundle
  std::vector<uint32_t> m_switch_engines;                  // endpoints, by number
  std::vector<std::vector<uint32_t>> m_orders;  // by bundle: local members in the schedule's order
  std::vector<std::vector<uint32_t>> m_places;  // the inverse
};

// What a library chooses by.
GroupFacts FactsOf(const GroupLayout& layout);

}  // namespace ddlsim
