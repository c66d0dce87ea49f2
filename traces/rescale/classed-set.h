// SPDX-License-Identifier: MIT
//
// A trace set with rank classes and axes: one of ours as it is, one of other tools (a file per
// rank) after its data-parallel ranks were found to do the same.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "traces/trace-set.h"

namespace ddlsim {

struct ClassedSet {
  struct Class {
    std::string file;             // of a rank that stands for all
    std::vector<uint32_t> ranks;  // ascending
  };
  uint32_t rank_count = 0;
  std::vector<GroupAxis> axes;
  std::vector<Class> classes;
  std::string data_axis;  // the name of the data-parallel axis
  // Of a set of other tools: the axis of each of its groups. Absolute peers keep their distance
  // within a copy of the model then.
  bool is_foreign = false;
  std::map<std::string, std::string> axis_of_group;
};

struct ClassingOptions {
  std::string data_axis = "dp";          // sets with a manifest
  std::vector<std::string> data_groups;  // other sets; empty: all ranks are one group
  bool ignore_durations = false;         // other sets: the lowest rank's stand for its group
};

// Throws InputError (place: the set's path) with the reason where it cannot be done.
ClassedSet ClassRanks(const TraceSet& set, const ClassingOptions& options);

}  // namespace ddlsim
