// SPDX-License-Identifier: MIT
#include "base/quantity.h"

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/input-error.h"

namespace ddlsim {
namespace {

struct Unit {
  const char* name;
  uint64_t factor;
};

// Largest first within a family, so that formatting finds the largest unit that divides.
constexpr std::array<Unit, 10> kRates{{{"Tbps", 1000000000000},
                                       {"Gbps", 1000000000},
                                       {"Mbps", 1000000},
                                       {"Kbps", 1000},
                                       {"bps", 1},
                                       {"Tb/s", 1000000000000},
                                       {"Gb/s", 1000000000},
                                       {"Mb/s", 1000000},
                                       {"Kb/s", 1000},
                                       {"b/s", 1}}};
constexpr std::array<Unit, 5> kDurations{
    {{"s", 1000000000000}, {"ms", 1000000000}, {"us", 1000000}, {"ns", 1000}, {"ps", 1}}};
constexpr std::array<Unit, 10> kSizes{{{"TiB", uint64_t{1} << 40},
                                       {"GiB", uint64_t{1} << 30},
                                       {"MiB", uint64_t{1} << 20},
                                       {"KiB", uint64_t{1} << 10},
                                       {"B", 1},
                                       {"TB", 1000000000000},
                                       {"GB", 1000000000},
                                       {"MB", 1000000},
                                       {"KB", 1000},
                                       {"", 1}}};

[[noreturn]] void Refuse(const std::string& place, const std::string& text, const std::string& why,
                         const std::string& remedy) {
  throw InputError(place, "'" + Printable(text) + "' " + why, remedy);
}

// "12.5Gbps" -> digits "12", fraction "5", unit "Gbps".
template <size_t N>
uint64_t Parse(const std::string& place, const std::string& text, const std::array<Unit, N>& units,
               const std::string& remedy) {
  size_t i = 0;
  if (!text.empty() && text[0] == '-') Refuse(place, text, "is negative", remedy);
  std::string digits, fraction;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9') digits += text[i++];
  if (i < text.size() && text[i] == '.') {
    ++i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') fraction += text[i++];
  }
  if (digits.empty() && fraction.empty()) Refuse(place, text, "is not a number", remedy);
  while (i < text.size() && text[i] == ' ') ++i;
  const std::string name = text.substr(i);
  const Unit* unit = nullptr;
  for (const Unit& candidate : units) {
    if (name == candidate.name) unit = &candidate;
  }
  if (unit == nullptr) {
    Refuse(place, text, name.empty() ? "has no unit" : "has an unknown unit", remedy);
  }
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (digits.size() > 19 || fraction.size() > 18) Refuse(place, text, "is out of range", remedy);
  unsigned __int128 scaled = 0;
  for (char c : digits + fraction) scaled = scaled * 10 + static_cast<unsigned>(c - '0');
  scaled *= unit->factor;
  uint64_t divisor = 1;
  for (size_t k = 0; k < fraction.size(); ++k) divisor *= 10;
  if (scaled % divisor != 0) Refuse(place, text, "is no whole number of the base unit", remedy);
  scaled /= divisor;
  if (scaled > static_cast<uint64_t>(INT64_MAX)) Refuse(place, text, "is out of range", remedy);
  return static_cast<uint64_t>(scaled);
}

// The first five units of a family are those that are written.
template <size_t N>
std::string Format(uint64_t value, const std::array<Unit, N>& units, const char* zero) {
  static_assert(N >= 5, "five units");
  if (value == 0) return zero;
  size_t i = 0;
  while (i < 4 && value % units[i].factor != 0) ++i;
  return std::to_string(value / units[i].factor) + units[i].name;
}

}  // namespace

uint64_t ParseRateBps(const std::string& place, const std::string& text) {
  const uint64_t rate_bps = Parse(place, text, kRates, "write a rate such as 400Gbps");
  if (rate_bps == 0) Refuse(place, text, "is zero", "write a rate such as 400Gbps");
  return rate_bps;
}

uint64_t ParseDurationPs(const std::string& place, const std::string& text) {
  const char* remedy = "write a time such as 500ns, up to 10000s";
  const uint64_t duration_ps = Parse(place, text, kDurations, remedy);
  if (duration_ps > 10000 * kDurations[0].factor) Refuse(place, text, "is out of range", remedy);
  return duration_ps;
}

uint64_t ParseSizeBytes(const std::string& place, const std::string& text) {
  return Parse(place, text, kSizes, "write a size such as 16MiB");
}

namespace {

double ParsePart(const std::string& place, const std::string& text, const char* remedy) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') Refuse(place, text, "is not a number", remedy);
  if (!(value >= 0.0 && value <= 1.0)) Refuse(place, text, "is out of range", remedy);
  return value;
}

}  // namespace

double ParseProbability(const std::string& place, const std::string& text) {
  return ParsePart(place, text, "write a probability from 0 to 1, such as 1e-4");
}

double ParseShare(const std::string& place, const std::string& text) {
  return ParsePart(place, text, "write a share from 0 to 1, such as 0.3");
}

uint64_t ParseCount(const std::string& place, const std::string& text, uint64_t low,
                    uint64_t high) {
  const std::string remedy =
      "write a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (!text.empty() && text[0] == '-') Refuse(place, text, "is negative", remedy);
  if (text.empty() || text.size() > 19 || text.find_first_not_of("0123456789") != text.npos) {
    Refuse(place, text, "is not a whole number", remedy);
  }
  const uint64_t value = std::strtoull(text.c_str(), nullptr, 10);
  if (value < low || value > high) Refuse(place, text, "is out of range", remedy);
  return value;
}

std::string FormatRate(uint64_t rate_bps) {
  return Format(rate_bps, kRates, "0bps");
}
std::string FormatDuration(uint64_t duration_ps) {
  return Format(duration_ps, kDurations, "0ns");
}
std::string FormatSize(uint64_t size_bytes) {
  return Format(size_bytes, kSizes, "0B");
}

}  // namespace ddlsim
