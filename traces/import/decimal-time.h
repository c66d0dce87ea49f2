// SPDX-License-Identifier: MIT
//
// Times of other tools, which write them as decimal numbers of some unit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ddlsim {

// "12.5" of units of `unit_ps` picoseconds in whole nanoseconds, half a nanosecond rounded up;
// nothing for what is no plain decimal number, has more than 18 digits or exceeds 2^63 - 1 ns.
std::optional<uint64_t> DecimalToNs(const std::string& text, uint64_t unit_ps);

}  // namespace ddlsim
