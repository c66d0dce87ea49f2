// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/group-layout.h"

#include <algorithm>

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
  if (NodeCount() == 1) return;
  std::vector<uint32_t> nics;
  for (uint32_t i = 0; i < m_local_size; ++i) nics.push_back(ranks.EndpointOf(members[i]));
  std::sort(nics.begin(), nics.end());
  m_nics_per_node =
      static_cast<uint32_t>(std::unique(nics.begin(), nics.end()) - nics.begin());
}

uint32_t GroupLayout::MemberAt(uint32_t place, uint32_t bundle) const {
  const uint32_t local = place % m_local_size;
  return place - local + (local + Shift(bundle)) % m_local_size;
}

uint32_t GroupLayout::PlaceOf(uint32_t member, uint32_t bundle) const {
  const uint32_t local = member % m_local_size;
  return member - local + (local + m_local_size - Shift(bundle)) % m_local_size;
}

RankRoute GroupLayout::Route(uint32_t src_member, uint32_t dst_member, uint32_t bundle) const {
  const uint32_t src = m_members[src_member], dst = m_members[dst_member];
  if (m_nics_per_node == 1 || IsScaleUp(src_member, dst_member)) return m_ranks.Route(src, dst);
  const uint32_t local = Shift(bundle);
  return m_ranks.Route(m_members[src_member - src_member % m_local_size + local],
                       m_members[dst_member - dst_member % m_local_size + local]);
}

}  // namespace ddlsim
