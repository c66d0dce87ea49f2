// SPDX-License-Identifier: GPL-2.0-only
//
// Which flows there are, host by host, one after another: nothing is unrolled up front.
#pragma once

#include <cstdint>

namespace ddlsim {

struct TrafficFlow {
  uint64_t start_ps = 0;
  uint32_t dst_host = 0;
  uint64_t size_bytes = 0;
};

class FlowPattern {
 public:
  virtual ~FlowPattern() = default;
  // The next flow that `src_host` starts, in order of time, from 0 on; false: there is none left.
  // What a host gets does not depend on when other hosts ask.
  virtual bool NextFlow(uint32_t src_host, TrafficFlow& flow) = 0;
};

}  // namespace ddlsim
