// SPDX-License-Identifier: MIT
//
// Values with units as users type them: 400Gbps, 500ns, 16MiB. All results are exact integers;
// a value that is no whole number of the base unit, or that overflows, is an InputError.
#pragma once

#include <cstdint>
#include <string>

namespace ddlsim {

// Each parser throws InputError whose place is `place` and whose remedy shows a right example.

// bit/s from bps, Kbps, Mbps, Gbps, Tbps (decimal; also b/s, Gb/s ...). Above zero.
uint64_t ParseRateBps(const std::string& place, const std::string& text);
// Picoseconds from ps, ns, us, ms, s. Zero allowed, negative not; at most 10,000 s.
uint64_t ParseDurationPs(const std::string& place, const std::string& text);
// Bytes from B, KB, MB, GB, TB (decimal), KiB, MiB, GiB, TiB (binary); a bare number is bytes.
uint64_t ParseSizeBytes(const std::string& place, const std::string& text);
// A probability in [0, 1].
double ParseProbability(const std::string& place, const std::string& text);
// A share of a whole in [0, 1].
double ParseShare(const std::string& place, const std::string& text);
// A whole number in [low, high].
uint64_t ParseCount(const std::string& place, const std::string& text, uint64_t low, uint64_t high);

// Canonical text that parses back to the same value: the largest unit that divides it.
std::string FormatRate(uint64_t rate_bps);
std::string FormatDuration(uint64_t duration_ps);
std::string FormatSize(uint64_t size_bytes);

}  // namespace ddlsim
