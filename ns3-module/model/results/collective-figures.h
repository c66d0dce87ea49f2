// SPDX-License-Identifier: GPL-2.0-only
//
// The figures of a collective as nccl-tests defines them.
#pragma once

#include <cstdint>

#include "collective/schedule.h"
#include "endpoint/collective-record.h"

namespace ddlsim {

// From the first rank's begin to the last rank's end, so waiting for late ranks is in it.
inline uint64_t TimePs(const CollectiveRecord& record) {
  return record.end_ps - record.start_ps;
}

// GB/s (1e9 bytes) is bytes per ns. 0 for what takes no time or carries no bytes.
inline double AlgorithmBandwidth(uint64_t size_bytes, uint64_t time_ps) {
  if (time_ps == 0) return 0.0;
  return static_cast<double>(size_bytes) * 1000.0 / static_cast<double>(time_ps);
}

inline double BusBandwidth(const CollectiveSpec& spec, uint64_t time_ps) {
  return AlgorithmBandwidth(spec.size_bytes, time_ps) * BusBandwidthFactor(spec);
}

// Without a size or a time there is no bandwidth: the fields stay empty.
inline bool HasBandwidth(const CollectiveSpec& spec, uint64_t time_ps) {
  return spec.size_bytes > 0 && time_ps > 0 && spec.type != CollectiveType::kBarrier;
}

}  // namespace ddlsim
