// SPDX-License-Identifier: GPL-2.0-only
#include "results/decimal-text.h"

#include <charconv>
#include <cmath>

namespace ddlsim {
namespace {

constexpr uint64_t kPowersOfTen[] = {1,
                                     10,
                                     100,
                                     1000,
                                     10000,
                                     100000,
                                     1000000,
                                     10000000,
                                     100000000,
                                     1000000000,
                                     10000000000,
                                     100000000000,
                                     1000000000000,
                                     10000000000000,
                                     100000000000000,
                                     1000000000000000,
                                     10000000000000000,
                                     100000000000000000,
                                     1000000000000000000,
                                     10000000000000000000u};

// `value` with leading zeros, `digits` characters in all.
char* WritePadded(char* out, uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + digits;
}

char* WriteFraction(char* out, uint64_t whole, uint64_t fraction, int digits) {
  out = WriteUint(out, whole);
  if (digits == 0) return out;
  *out++ = '.';
  return WritePadded(out, fraction, digits);
}

}  // namespace

char* WriteUint(char* out, uint64_t value) {
  return std::to_chars(out, out + kNumberTextMax, value).ptr;
}

char* WriteScaled(char* out, uint64_t value, int scale) {
  const uint64_t divisor = kPowersOfTen[scale];
  uint64_t fraction = value % divisor;
  if (fraction == 0) return WriteUint(out, value / divisor);
  out = WriteFraction(out, value / divisor, fraction, scale);
  while (out[-1] == '0') --out;
  return out;
}

char* WriteRatio(char* out, uint64_t numerator, uint64_t denominator, int digits) {
  if (denominator == 0) return out;
  const uint64_t scale = kPowersOfTen[digits];
  const uint64_t whole = numerator / denominator;
  const uint64_t rest = numerator % denominator;
  uint64_t fraction = 0;
  if (rest <= (UINT64_MAX - denominator / 2) / scale) {
    fraction = (rest * scale + denominator / 2) / denominator;
  } else {
    const auto wide = static_cast<unsigned __int128>(rest) * scale + denominator / 2;
    fraction = static_cast<uint64_t>(wide / denominator);
  }
  // 0.99996 with four decimals is 1.0000.
  if (fraction == scale) return WriteFraction(out, whole + 1, 0, digits);
  return WriteFraction(out, whole, fraction, digits);
}

char* WriteFixed(char* out, double value, int digits) {
  // Above 1e30 the text would not fit the room that callers leave; no result comes near.
  if (!std::isfinite(value) || std::fabs(value) > 1e30) return out;
  return std::to_chars(out, out + kNumberTextMax, value, std::chars_format::fixed, digits).ptr;
}

std::string NsText(uint64_t time_ps) {
  char text[kNumberTextMax];
  return std::string(text, WritePsAsNs(text, time_ps));
}

std::string FixedText(double value, int digits) {
  char text[kNumberTextMax];
  return std::string(text, WriteFixed(text, value, digits));
}

}  // namespace ddlsim
