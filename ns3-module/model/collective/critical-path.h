// SPDX-License-Identifier: GPL-2.0-only
//
// The chain of events behind BoundPs(): what has to happen one after the other in every execution
// of a schedule, whatever the order of the rest.
#pragma once

#include <cstdint>
#include <memory>

#include "collective/schedule.h"

namespace ddlsim {

struct CriticalPath {
  uint64_t hops = 0;        // times that data, or the news of it, crosses the network
  uint64_t size_bytes = 0;  // bytes that have to be serialised one after the other
};

// What all schedules of this folder are: they know their critical path.
class BoundedSchedule : public Schedule {
 public:
  virtual CriticalPath Path() const = 0;
};

// Behind MakeSchedule() and BoundPs(); throws as they do.
std::unique_ptr<BoundedSchedule> MakeBoundedSchedule(const CollectiveSpec& spec);

}  // namespace ddlsim
