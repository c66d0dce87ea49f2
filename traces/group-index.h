// SPDX-License-Identifier: MIT
//
// Answers "which group, and where in it" for any rank and axis without searching: 12 bytes per
// member of a group. Keeps a reference to the set, which must outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "traces/trace-set.h"

namespace ddlsim {

class GroupIndex {
 public:
  // Where a rank stands on an axis.
  struct Member {
    const std::vector<uint32_t>* group = nullptr;  // in communicator order; null: in no group
    uint32_t group_number = 0;                     // within the axis
    uint32_t index = 0;                            // of the rank within the group
  };
  static constexpr size_t kUnknownAxis = SIZE_MAX;

  explicit GroupIndex(const TraceSet& set);

  // Axis 0 is all ranks (the empty name), axis 1 + i is set.axes[i].
  size_t AxisOf(const std::string& name) const;
  Member Find(size_t axis, uint32_t rank) const;
  // Throws InputError as TraceSet::GroupOf does.
  Member FindOrThrow(const std::string& name, uint32_t rank) const;

 private:
  struct Entry {
    uint32_t rank;
    uint32_t group_number;
    uint32_t index;
  };

  const TraceSet& m_set;
  std::vector<uint32_t> m_all_ranks;
  std::unordered_map<std::string, size_t> m_axis_of_name;
  std::vector<std::vector<Entry>> m_entries;  // by axis - 1, sorted by rank
};

}  // namespace ddlsim
