// SPDX-License-Identifier: GPL-2.0-only
//
// What the endpoint reports about each collective when its last rank has finished.
#pragma once

#include <cstdint>
#include <string>

#include "collective/schedule.h"
#include "library/protocol.h"

namespace ddlsim {

constexpr uint64_t kNoModelPs = UINT64_MAX;

struct CollectiveRecord {
  uint64_t id = 0;    // in order of completion, from 0; ties in order of group name, then sequence
  std::string name;   // of the graph node
  std::string group;  // axis name, "" = all ranks
  uint32_t first_rank = 0;  // first member, tells groups of one axis apart
  CollectiveSpec spec;      // algorithm resolved
  uint64_t issue_ps = 0;    // first rank ready to start it (dependencies complete)
  uint64_t start_ps = 0;    // first rank began (earlier operations of the communicator complete)
  uint64_t ready_ps = 0;    // last rank began: from here on nobody is waited for
  uint64_t end_ps = 0;      // last rank finished
  uint64_t bound_ps = 0;    // BoundPs() of the spec on this network
  Protocol protocol = Protocol::kAuto;  // of the library model, or kAuto without one
  uint32_t channels = 0;                // the same
  uint64_t model_ps = kNoModelPs;  // closed formula of the library cost model, where one is in use
};

class CollectiveObserver {
 public:
  virtual ~CollectiveObserver() = default;
  virtual void OnCollective(const CollectiveRecord& record) = 0;
};

}  // namespace ddlsim
