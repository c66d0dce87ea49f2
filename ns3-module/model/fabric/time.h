// SPDX-License-Identifier: GPL-2.0-only
//
// Simulated time is an unsigned 64-bit count of picoseconds (213 days). Every duration that comes
// from a size and a rate is rounded here, up, and nowhere else.
#pragma once

#include <cstdint>

namespace ddlsim {

constexpr uint64_t kNeverPs = UINT64_MAX;
constexpr uint64_t kPsPerSecond = 1000000000000;
constexpr uint64_t kBitPsPerByteSecond = 8 * kPsPerSecond;

// Time on the wire of `size_bytes` at `rate_bps` (above zero), in ps, rounded up.
inline uint64_t SerializationPs(uint64_t size_bytes, uint64_t rate_bps) {
  if (size_bytes <= UINT64_MAX / kBitPsPerByteSecond) {
    return (size_bytes * kBitPsPerByteSecond + rate_bps - 1) / rate_bps;
  }
  const unsigned __int128 bit_ps = static_cast<unsigned __int128>(size_bytes) * kBitPsPerByteSecond;
  return static_cast<uint64_t>((bit_ps + rate_bps - 1) / rate_bps);
}

}  // namespace ddlsim
