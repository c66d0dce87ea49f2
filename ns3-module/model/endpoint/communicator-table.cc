// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/communicator-table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/input-error.h"
#include "fabric/random.h"

namespace ddlsim {

CommunicatorTable::CommunicatorTable(uint32_t rank_count, std::vector<CommunicatorAxis> axes)
    : m_rank_count(rank_count) {
  if (rank_count == 0) {  // a run of traffic alone
    if (axes.empty()) return;
    throw InputError("ranks", "there are none", "use at least one rank");
  }
  CommunicatorAxis all_ranks;
  all_ranks.groups.emplace_back(rank_count);
  std::iota(all_ranks.groups[0].begin(), all_ranks.groups[0].end(), 0);
  axes.push_back(std::move(all_ranks));
  std::stable_sort(axes.begin(), axes.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  for (CommunicatorAxis& axis : axes) AddAxis(std::move(axis));
  AssignChannels();
}

void CommunicatorTable::AddAxis(CommunicatorAxis axis) {
  const std::string place = "group '" + Printable(axis.name) + "'";
  if (!m_axes.empty() && m_axes.back().name == axis.name) {
    throw InputError(place, "is defined twice", "give every group a name of its own");
  }
  Axis added;
  added.name = std::move(axis.name);
  added.communicator_of_rank.assign(m_rank_count, kNone);
  added.member_of_rank.assign(m_rank_count, kNone);
  std::sort(axis.groups.begin(), axis.groups.end(), [&place](const auto& a, const auto& b) {
    if (a.empty() || b.empty()) throw InputError(place, "has a group of no ranks", "remove it");
    return *std::min_element(a.begin(), a.end()) < *std::min_element(b.begin(), b.end());
  });
  for (std::vector<uint32_t>& members : axis.groups) {
    if (members.empty()) throw InputError(place, "has a group of no ranks", "remove it");
    for (uint32_t member = 0; member < members.size(); ++member) {
      const uint32_t rank = members[member];
      if (rank >= m_rank_count) {
        throw InputError(place,
                         "names rank " + std::to_string(rank) + " of a run of " +
                             std::to_string(m_rank_count) + " ranks",
                         "use ranks 0 to " + std::to_string(m_rank_count - 1));
      }
      if (added.communicator_of_rank[rank] != kNone) {
        throw InputError(place, "names rank " + std::to_string(rank) + " twice",
                         "make the groups of one name disjoint");
      }
      added.communicator_of_rank[rank] = CommunicatorCount();
      added.member_of_rank[rank] = member;
    }
    m_communicators.push_back({AxisCount(), 0, std::move(members)});
  }
  m_axes.push_back(std::move(added));
}

// A channel derives from the axis's name, so that other axes rarely change it. Axes beyond the
// number of channels share queue pairs, which is right but couples them.
void CommunicatorTable::AssignChannels() {
  constexpr uint32_t kFirst = kAllRanksChannel + 1;
  constexpr uint32_t kCount = kChannelCount - kFirst;
  std::vector<bool> is_taken(kCount);
  for (uint32_t i = 0; i < AxisCount(); ++i) {
    if (m_axes[i].name.empty()) {
      m_axes[i].channel = kAllRanksChannel;
      continue;
    }
    uint32_t slot = static_cast<uint32_t>(NameKey(m_axes[i].name) % kCount);
    for (uint32_t probe = 0; probe < kCount && is_taken[slot]; ++probe) {
      slot = (slot + 1) % kCount;
    }
    is_taken[slot] = true;
    m_axes[i].channel = kFirst + slot;
  }
  for (Communicator& communicator : m_communicators) {
    communicator.channel = m_axes[communicator.axis].channel;
  }
}

uint32_t CommunicatorTable::FindAxis(const std::string& name) const {
  const auto found =
      std::lower_bound(m_axes.begin(), m_axes.end(), name,
                       [](const Axis& a, const std::string& b) { return a.name < b; });
  if (found == m_axes.end() || found->name != name) return kNone;
  return static_cast<uint32_t>(found - m_axes.begin());
}

std::string CommunicatorTable::Describe(uint32_t communicator) const {
  const Communicator& described = At(communicator);
  const std::string& name = AxisName(described.axis);
  if (name.empty()) return "the group of all ranks";
  return "group '" + Printable(name) + "' (ranks " + FormatRanks(described.members) + ")";
}

std::string FormatRanks(std::vector<uint32_t> ranks, size_t ranges_max) {
  std::sort(ranks.begin(), ranks.end());
  std::string text;
  size_t ranges = 0;
  for (size_t i = 0; i < ranks.size(); ++ranges) {
    size_t j = i;
    while (j + 1 < ranks.size() && ranks[j + 1] == ranks[j] + 1) ++j;
    if (ranges == ranges_max) return text + ",... (" + std::to_string(ranks.size()) + " ranks)";
    if (i > 0) text += ",";
    text += std::to_string(ranks[i]);
    if (j > i) text += "-" + std::to_string(ranks[j]);
    i = j + 1;
  }
  return text;
}

}  // namespace ddlsim
