// SPDX-License-Identifier: GPL-2.0-only
#include "results/collective-table.h"

#include <algorithm>

#include "results/collective-figures.h"

namespace ddlsim {

void CollectiveTable::Add(const CollectiveRecord& record) {
  const CollectiveSpec& spec = record.spec;
  CollectiveGroup& group = m_groups[{spec.type, spec.algorithm, spec.rank_count, spec.size_bytes}];
  if (group.count == 0) {
    group.spec = spec;
    group.first = m_count;
    group.protocol = record.protocol;
    group.channels = record.channels;
    group.model_ps = record.model_ps;
  }
  ++group.count;
  group.time_ps += TimePs(record);
  group.wait_ps += record.ready_ps - record.start_ps;
  group.bound_ps += record.bound_ps;
  group.longest_ps = std::max(group.longest_ps, TimePs(record));
  ++m_count;
}

std::vector<CollectiveGroup> CollectiveTable::Groups() const {
  std::vector<CollectiveGroup> groups;
  groups.reserve(m_groups.size());
  for (const auto& entry : m_groups) groups.push_back(entry.second);
  std::stable_sort(
      groups.begin(), groups.end(),
      [](const CollectiveGroup& a, const CollectiveGroup& b) { return a.time_ps > b.time_ps; });
  return groups;
}

}  // namespace ddlsim
