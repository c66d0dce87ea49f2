// SPDX-License-Identifier: MIT
#include "traces/group-index.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace ddlsim {

GroupIndex::GroupIndex(const TraceSet& set) : m_set(set), m_all_ranks(set.rank_count) {
  std::iota(m_all_ranks.begin(), m_all_ranks.end(), 0u);
  m_axis_of_name[""] = 0;
  m_entries.resize(set.axes.size());
  for (size_t i = 0; i < set.axes.size(); ++i) {
    m_axis_of_name[set.axes[i].name] = i + 1;
    const std::vector<std::vector<uint32_t>>& groups = set.axes[i].groups;
    for (uint32_t number = 0; number < groups.size(); ++number) {
      for (uint32_t index = 0; index < groups[number].size(); ++index) {
        m_entries[i].push_back({groups[number][index], number, index});
      }
    }
    std::sort(m_entries[i].begin(), m_entries[i].end(),
              [](const Entry& a, const Entry& b) { return a.rank < b.rank; });
  }
}

size_t GroupIndex::AxisOf(const std::string& name) const {
  const auto found = m_axis_of_name.find(name);
  return found == m_axis_of_name.end() ? kUnknownAxis : found->second;
}

GroupIndex::Member GroupIndex::Find(size_t axis, uint32_t rank) const {
  if (axis == 0) {
    return rank < m_set.rank_count ? Member{&m_all_ranks, 0, rank} : Member{};
  }
  const std::vector<Entry>& entries = m_entries.at(axis - 1);
  const auto found =
      std::lower_bound(entries.begin(), entries.end(), rank,
                       [](const Entry& entry, uint32_t r) { return entry.rank < r; });
  if (found == entries.end() || found->rank != rank) return {};
  return {&m_set.axes[axis - 1].groups[found->group_number], found->group_number, found->index};
}

GroupIndex::Member GroupIndex::FindOrThrow(const std::string& name, uint32_t rank) const {
  const size_t axis = AxisOf(name);
  const Member member = axis == kUnknownAxis ? Member{} : Find(axis, rank);
  if (member.group == nullptr) {
    m_set.GroupOf(name, rank);  // says what is wrong
    throw std::logic_error("the group index disagrees with its set");
  }
  return member;
}

}  // namespace ddlsim
