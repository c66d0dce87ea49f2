// SPDX-License-Identifier: GPL-2.0-only
//
// The communicators of a run. An axis ("dp", "tp") splits some or all of the ranks into disjoint
// groups; a communicator is one group. The axis "" is always there and is one group of all ranks.
// Identifiers and channels follow from the names of the axes, not from the order in which they were
// given (invariant 2 of docs/ARCHITECTURE.md). Immutable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

struct CommunicatorAxis {
  std::string name;
  std::vector<std::vector<uint32_t>> groups;  // members in communicator order
};

struct Communicator {
  uint32_t axis = 0;
  uint32_t channel = 0;           // of its queue pairs
  std::vector<uint32_t> members;  // ranks, in communicator order

  uint32_t Size() const { return static_cast<uint32_t>(members.size()); }
};

class CommunicatorTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kPointToPointChannel = 0;
  static constexpr uint32_t kAllRanksChannel = 1;
  static constexpr uint32_t kChannelCount = 512;

  // Without ranks and without axes it is empty. Throws InputError (place: the axis) for a rank
  // outside [0, rank_count), a rank in two groups of one axis, an empty group, two axes of one
  // name.
  CommunicatorTable(uint32_t rank_count, std::vector<CommunicatorAxis> axes);

  uint32_t RankCount() const { return m_rank_count; }
  uint32_t AxisCount() const { return static_cast<uint32_t>(m_axes.size()); }
  uint32_t CommunicatorCount() const { return static_cast<uint32_t>(m_communicators.size()); }
  const std::string& AxisName(uint32_t axis) const { return m_axes[axis].name; }
  // kNone for an unknown name.
  uint32_t FindAxis(const std::string& name) const;

  const Communicator& At(uint32_t communicator) const { return m_communicators[communicator]; }
  // The rank's communicator on the axis, or kNone.
  uint32_t Find(uint32_t axis, uint32_t rank) const {
    return m_axes[axis].communicator_of_rank[rank];
  }
  // The rank's place among the members of its communicator on the axis.
  uint32_t MemberIndex(uint32_t axis, uint32_t rank) const {
    return m_axes[axis].member_of_rank[rank];
  }
  // "group 'dp' (ranks 0-15)", for messages.
  std::string Describe(uint32_t communicator) const;

 private:
  struct Axis {
    std::string name;
    uint32_t channel = 0;
    std::vector<uint32_t> communicator_of_rank;
    std::vector<uint32_t> member_of_rank;
  };
  void AddAxis(CommunicatorAxis axis);
  void AssignChannels();

  uint32_t m_rank_count;
  std::vector<Axis> m_axes;                   // ascending by name, so "" is the first
  std::vector<Communicator> m_communicators;  // by axis, then by lowest member
};

// "0-3,8": consecutive ranks as ranges, at most `ranges_max` of them, then ",... (N ranks)".
std::string FormatRanks(std::vector<uint32_t> ranks, size_t ranges_max = 6);

}  // namespace ddlsim
