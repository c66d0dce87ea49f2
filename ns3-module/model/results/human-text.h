// SPDX-License-Identifier: GPL-2.0-only
//
// Magnitudes as people read them, for what is printed on a terminal. Files hold exact numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

std::string HumanTime(uint64_t time_ps);     // "12.35 ms", four significant digits
std::string HumanSize(uint64_t size_bytes);  // "16 MiB", "1.5 KiB", four digits
// Each as HumanSize() has it, with as many more digits as it takes to tell it from all others that
// are not the same.
std::vector<std::string> DistinctSizes(const std::vector<uint64_t>& sizes_bytes);
std::string HumanCount(uint64_t count);                 // "1,234,567"
std::string HumanRate(double per_second);               // "7.3 M" for 7,300,000 per second
std::string HumanLinkRate(uint64_t rate_bps);           // "400 Gb/s"
std::string HumanShare(uint64_t part, uint64_t whole);  // "93.1 %", "-" of nothing

// A number with `digits` significant digits and no exponent, trailing zeros kept.
std::string SignificantText(double value, int digits);

}  // namespace ddlsim
