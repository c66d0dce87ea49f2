// SPDX-License-Identifier: GPL-2.0-only
//
// Exponentially distributed times without a logarithm, so that every build and machine draws the
// same picoseconds (no libm in what decides an event's time, docs/ARCHITECTURE.md).
#pragma once

#include <cstdint>

namespace ddlsim {

// A sample of the exponential distribution of mean 1, in units of 2^-48, by von Neumann's
// comparison method (J. von Neumann, "Various techniques used in connection with random digits",
// 1951; Knuth, TAOCP 2, section 3.4.1): uniform numbers are drawn as long as each is below the one
// before. A run of odd length gives its first number as the fraction; the runs of even length
// before it, which come with probability 1/e each, count the whole part. Exact but for the 48 bits.
// A function of (seed, stream, item) alone.
uint64_t DrawExponential(uint64_t seed, uint64_t stream, uint64_t item);

constexpr int kExponentialBits = 48;

// mean * sample, where `mean_q16_ps` counts 2^-16 ps and is at most 2^72. Rounded down.
inline uint64_t ScaleExponential(unsigned __int128 mean_q16_ps, uint64_t sample) {
  return static_cast<uint64_t>((mean_q16_ps * sample) >> (16 + kExponentialBits));
}

}  // namespace ddlsim
