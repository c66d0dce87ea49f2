// SPDX-License-Identifier: MIT
//
// Numbers for people.
#pragma once

#include <cstdint>
#include <string>

namespace ddlsim {

// 124439808 -> "124,439,808"
std::string GroupedText(uint64_t value);
// Four significant digits and a decimal prefix, to be followed by a unit: "7.452 T".
std::string ScaledText(double value);
// "12.345 ms"
std::string MillisecondsText(uint64_t duration_ns);
// From MiB on: "25.0 MiB".
std::string BinaryText(uint64_t size_bytes);
// 0.123 -> "12.3 %"
std::string PercentText(double part);

}  // namespace ddlsim
