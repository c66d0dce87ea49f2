// SPDX-License-Identifier: GPL-2.0-only
//
// The collectives of a run in groups that are alike, for a table that people read. Memory follows
// the number of groups, not of collectives.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "endpoint/collective-record.h"

namespace ddlsim {

// Collectives of one kind, algorithm, number of ranks and size. Sums are over all of them.
struct CollectiveGroup {
  CollectiveSpec spec;
  uint64_t count = 0;
  uint64_t time_ps = 0;  // start to end, waiting for late ranks included
  uint64_t wait_ps = 0;  // of this, before the last rank began
  uint64_t bound_ps = 0;
  uint64_t longest_ps = 0;
  // Of the first of them: its place among all collectives, and how a library ran it, which follows
  // from the rest.
  uint64_t first = 0;
  Protocol protocol = Protocol::kAuto;  // kAuto: without a library
  uint32_t channels = 0;
  uint64_t model_ps = kNoModelPs;

  uint64_t MeanTimePs() const { return time_ps / count; }
  uint64_t MeanWaitPs() const { return wait_ps / count; }
  uint64_t MeanBoundPs() const { return bound_ps / count; }
};

class CollectiveTable {
 public:
  void Add(const CollectiveRecord& record);
  uint64_t Count() const { return m_count; }
  // By total time, longest first; ties by kind, algorithm, ranks, size.
  std::vector<CollectiveGroup> Groups() const;

 private:
  using Key = std::tuple<CollectiveType, Algorithm, uint32_t, uint64_t>;

  std::map<Key, CollectiveGroup> m_groups;
  uint64_t m_count = 0;
};

}  // namespace ddlsim
