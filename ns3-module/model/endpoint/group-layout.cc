// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/group-layout.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace ddlsim {
namespace {

// Members per node where all nodes have as many, one behind the other; 1 elsewhere.
uint32_t EqualLocalSize(const RankMap& ranks, const std::vector<uint32_t>& members) {
  const uint32_t count = static_cast<uint32_t>(members.size());
  uint32_t local_size = 1;
  while (local_size < count && ranks.IsScaleUp(members[0], members[local_size])) ++local_size;
  if (count % local_size != 0) return 1;
  for (uint32_t first = 0; first < count; first += local_size) {
    for (uint32_t i = 1; i < local_size; ++i) {
      if (!ranks.IsScaleUp(members[first], members[first + i])) return 1;
    }
    if (first > 0 && ranks.IsScaleUp(members[first - 1], members[first])) return 1;
  }
  return local_size;
}

}  // namespace

GroupLayout::GroupLayout(const RankMap& ranks, const std::vector<uint32_t>& members)
    : m_ranks(ranks), m_members(members), m_local_size(EqualLocalSize(ranks, members)) {
  if (NodeCount() > 1) {
    std::vector<uint32_t> nics;
    for (uint32_t i = 0; i < m_local_size; ++i) nics.push_back(ranks.EndpointOf(members[i]));
    std::sort(nics.begin(), nics.end());
    m_nics_per_node = static_cast<uint32_t>(std::unique(nics.begin(), nics.end()) - nics.begin());
  }
  OrderBundles();
  if (NodeCount() > 1 && ranks.Switches() != nullptr) PlantTrees();
}

// Whether the members of each node are all GPUs of a host, in their order.
bool GroupLayout::CoversHosts(const std::vector<std::vector<uint32_t>>& rings) const {
  if (rings.empty() || rings.front().size() != m_local_size) return false;
  for (uint32_t i = 0; i < RankCount(); ++i) {
    if (m_ranks.GpuOf(m_members[i]) != i % m_local_size) return false;
  }
  return true;
}

void GroupLayout::OrderBundles() {
  const std::vector<std::vector<uint32_t>>& rings = m_ranks.Rings();
  m_has_rings = CoversHosts(rings);
  const size_t one_node = m_has_rings ? rings.size() : 1;
  m_orders.resize(NodeCount() > 1 ? m_nics_per_node : one_node);
  for (uint32_t bundle = 0; bundle < BundleCount(); ++bundle) {
    std::vector<uint32_t>& order = m_orders[bundle];
    order.resize(m_local_size);
    std::iota(order.begin(), order.end(), 0);
    if (m_has_rings) order = rings[bundle % rings.size()];
    if (NodeCount() > 1) {
      std::rotate(order.begin(), std::find(order.begin(), order.end(), Shift(bundle)), order.end());
    }
    m_places.emplace_back(m_local_size);
    for (uint32_t place = 0; place < m_local_size; ++place) m_places.back()[order[place]] = place;
  }
}

bool GroupLayout::HasEngines() const {
  for (uint32_t node = 0; node < NodeCount(); ++node) {
    if (m_ranks.EngineOf(m_ranks.DomainOf(m_members[size_t{node} * m_local_size])) == kNoEndpoint) {
      return false;
    }
  }
  return m_local_size > 1;
}

uint64_t GroupLayout::PairLinkBps() const {
  if (m_local_size == 1) return 0;
  uint64_t slowest_bps = UINT64_MAX;
  for (uint32_t first = 0; first < RankCount(); first += m_local_size) {
    for (uint32_t a = first; a < first + m_local_size; ++a) {
      for (uint32_t b = first; b < a; ++b) {
        slowest_bps = std::min(slowest_bps, m_ranks.LinkBps(m_members[a], m_members[b]));
      }
    }
  }
  return slowest_bps;
}

GroupFacts FactsOf(const GroupLayout& layout) {
  GroupFacts facts{layout.NodeCount(), layout.NicsPerNode(), layout.HasEngines()};
  facts.has_switch_engines = layout.TreeOf(0) != nullptr;
  facts.local_rings = layout.LocalRings();
  return facts;
}

// Within a scale-up network.
uint32_t GroupLayout::EndpointOf(uint32_t participant) const {
  if (!IsEngine(participant)) return m_ranks.ScaleUpOf(m_members[participant]);
  const uint32_t node = participant - RankCount();
  if (IsSwitchEngine(participant)) return m_switch_engines[node - NodeCount()];
  return m_ranks.EngineOf(m_ranks.DomainOf(m_members[size_t{node} * m_local_size]));
}

uint32_t GroupLayout::EngineAt(uint32_t endpoint) const {
  for (uint32_t node = 0; node < NodeCount(); ++node) {
    if (EndpointOf(RankCount() + node) == endpoint) return RankCount() + node;
  }
  for (uint32_t i = 0; i < m_switch_engines.size(); ++i) {
    if (m_switch_engines[i] == endpoint) return RankCount() + NodeCount() + i;
  }
  throw std::logic_error("a message of an engine that has no part in its collective");
}

uint32_t GroupLayout::MemberAt(uint32_t place, uint32_t bundle) const {
  if (IsEngine(place)) return place;
  const uint32_t local = place % m_local_size;
  return place - local + m_orders[bundle][local];
}

uint32_t GroupLayout::PlaceOf(uint32_t member, uint32_t bundle) const {
  if (IsEngine(member)) return member;
  const uint32_t local = member % m_local_size;
  return member - local + m_places[bundle][local];
}

RankRoute GroupLayout::Route(uint32_t src_member, uint32_t dst_member, uint32_t bundle) const {
  if (IsSwitchEngine(src_member) || IsSwitchEngine(dst_member)) {
    const auto end_of = [this](uint32_t participant) {
      return IsEngine(participant) ? EndpointOf(participant)
                                   : m_ranks.EndpointOf(m_members[participant]);
    };
    return {end_of(src_member), end_of(dst_member)};
  }
  if (IsEngine(src_member) || IsEngine(dst_member)) {
    return {EndpointOf(src_member), EndpointOf(dst_member)};
  }
  const uint32_t src = m_members[src_member], dst = m_members[dst_member];
  const bool is_rail = src_member % m_local_size == dst_member % m_local_size;
  if (m_nics_per_node == 1 || is_rail || IsScaleUp(src_member, dst_member)) {
    return m_ranks.Route(src, dst);
  }
  const uint32_t local = Shift(bundle);
  return m_ranks.Route(m_members[src_member - src_member % m_local_size + local],
                       m_members[dst_member - dst_member % m_local_size + local]);
}

RankRoute GroupLayout::RailRoute(uint32_t src_member, uint32_t dst_member) const {
  const uint32_t dst = m_members[dst_member];
  if (IsScaleUp(src_member, dst_member)) return m_ranks.Route(m_members[src_member], dst);
  const uint32_t beside = src_member - src_member % m_local_size + dst_member % m_local_size;
  return m_ranks.Route(m_members[beside], dst);
}

}  // namespace ddlsim
