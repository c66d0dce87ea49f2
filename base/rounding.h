// SPDX-License-Identifier: MIT
//
// From modelled times and sizes to the integers that are simulated.
#pragma once

#include <cmath>
#include <cstdint>

namespace ddlsim {

// To the nearest integer, halves up. `value`: from 0 to 2^63.
inline uint64_t Rounded(double value) {
  return static_cast<uint64_t>(std::llround(value));
}

}  // namespace ddlsim
