// SPDX-License-Identifier: GPL-2.0-only
//
// What the 64 bits mean that travel with a message, or a timer, of traffic that is no training:
//
//   63..62  both set: no kind of endpoint/message-cookie.h begins so
//   61..54  which pattern of the traffic
//   53..45  place of the queue pair's channel among those of the traffic
#pragma once

#include <cstdint>

namespace ddlsim {

struct TrafficCookie {
  static constexpr uint64_t kMark = uint64_t{3} << 62;
  static constexpr uint32_t kPatternCount = 1u << 8;
  static constexpr uint32_t kSlotCount = 1u << 9;

  uint32_t pattern = 0;
  uint32_t slot = 0;

  uint64_t Encode() const { return kMark | uint64_t{pattern} << 54 | uint64_t{slot} << 45; }
  static TrafficCookie Decode(uint64_t bits) {
    return {static_cast<uint32_t>(bits >> 54) & (kPatternCount - 1),
            static_cast<uint32_t>(bits >> 45) & (kSlotCount - 1)};
  }
  static bool IsTraffic(uint64_t bits) { return (bits & kMark) == kMark; }
};

}  // namespace ddlsim
