// SPDX-License-Identifier: GPL-2.0-only
//
// Numbers as the result files print them: exact decimals of integers, never through floating point,
// the same in every locale. Each function writes at `out` and returns the end of what it wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ddlsim {

// No function below writes more characters than this.
constexpr size_t kNumberTextMax = 64;

char* WriteUint(char* out, uint64_t value);
// value / 10^scale, exact, without trailing zeros: (1500, 3) -> 1.5. scale <= 19.
char* WriteScaled(char* out, uint64_t value, int scale);
// numerator / denominator with exactly `digits` (at most 9) decimals, rounded half up: (1, 3, 4) ->
// 0.3333. Writes nothing where the denominator is 0: the field stays empty.
char* WriteRatio(char* out, uint64_t numerator, uint64_t denominator, int digits);
// A finite double with exactly `digits` decimals; nothing where it is not finite.
char* WriteFixed(char* out, double value, int digits);

inline char* WritePsAsNs(char* out, uint64_t time_ps) {
  return WriteScaled(out, time_ps, 3);
}
inline char* WritePsAsUs(char* out, uint64_t time_ps) {
  return WriteScaled(out, time_ps, 6);
}
inline char* WriteBpsAsGbps(char* out, uint64_t rate_bps) {
  return WriteScaled(out, rate_bps, 9);
}

// The same as strings.
std::string NsText(uint64_t time_ps);
std::string FixedText(double value, int digits);

}  // namespace ddlsim
