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
  // Times that data, or the news of it, crosses the network from member to member; there and back
  // through engines is one.
  uint64_t hops = 0;
  uint64_t size_bytes = 0;  // bytes that have to be serialised one after the other
};

inline CriticalPath operator+(const CriticalPath& a, const CriticalPath& b) {
  return {a.hops + b.hops, a.size_bytes + b.size_bytes};
}

// Longer paths are cut to this, which keeps them bounds: BoundPs() would overflow.
constexpr uint64_t kPathBytesMax = uint64_t{1} << 55;
inline uint64_t PathBytes(uint64_t message_count, uint64_t size_bytes) {
  const bool fits = size_bytes == 0 || message_count <= kPathBytesMax / size_bytes;
  return fits ? message_count * size_bytes : kPathBytesMax;
}

// What all schedules of this folder are: they know their critical path.
class BoundedSchedule : public Schedule {
 public:
  // The longest known chain of messages that depend on each other.
  virtual CriticalPath Path() const = 0;
  // What some port of a member has to pass, however the messages are cut and overlapped, and the
  // latency before the first of it or after the last.
  virtual CriticalPath PortPath() const = 0;
};

// Behind MakeSchedule() and BoundPs(); throws as they do.
std::unique_ptr<BoundedSchedule> MakeBoundedSchedule(const CollectiveSpec& spec);

}  // namespace ddlsim
