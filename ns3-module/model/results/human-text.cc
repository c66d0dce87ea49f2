// SPDX-License-Identifier: GPL-2.0-only
#include "results/human-text.h"

#include <algorithm>

#include "results/decimal-text.h"

namespace ddlsim {
namespace {

struct Magnitude {
  double factor;
  const char* unit;
};

// `value` in the largest unit that leaves at least 1.
template <size_t count>
std::string InUnits(double value, const Magnitude (&units)[count], int digits, bool keep_zeros) {
  const Magnitude* unit = &units[count - 1];
  for (const Magnitude& candidate : units) {
    if (value >= candidate.factor) {
      unit = &candidate;
      break;
    }
  }
  std::string text = SignificantText(value / unit->factor, digits);
  if (!keep_zeros && text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text + unit->unit;
}

}  // namespace

std::string SignificantText(double value, int digits) {
  double magnitude = value < 0 ? -value : value;
  int decimals = digits - 1;
  for (; magnitude >= 10 && decimals > 0; magnitude /= 10) --decimals;
  return FixedText(value, decimals);
}

std::string HumanTime(uint64_t time_ps) {
  static constexpr Magnitude kUnits[] = {
      {1e12, " s"}, {1e9, " ms"}, {1e6, " us"}, {1e3, " ns"}, {1, " ps"}};
  if (time_ps == 0) return "0 ns";
  return InUnits(static_cast<double>(time_ps), kUnits, 4, time_ps >= 1000);
}

namespace {

std::string SizeText(uint64_t size_bytes, int digits) {
  static constexpr Magnitude kUnits[] = {{1099511627776.0, " TiB"},
                                         {1073741824.0, " GiB"},
                                         {1048576.0, " MiB"},
                                         {1024.0, " KiB"},
                                         {1, " B"}};
  return InUnits(static_cast<double>(size_bytes), kUnits, digits, false);
}

constexpr int kSizeDigits = 4;
constexpr int kSizeDigitsMax = 17;  // tells any two sizes apart that a double does

}  // namespace

std::string HumanSize(uint64_t size_bytes) {
  return SizeText(size_bytes, kSizeDigits);
}

std::vector<std::string> DistinctSizes(const std::vector<uint64_t>& sizes_bytes) {
  std::vector<std::string> texts;
  for (const uint64_t size_bytes : sizes_bytes) {
    int digits = kSizeDigits;
    const auto is_ambiguous = [&](uint64_t other_bytes) {
      return other_bytes != size_bytes &&
             SizeText(other_bytes, digits) == SizeText(size_bytes, digits);
    };
    while (digits < kSizeDigitsMax &&
           std::any_of(sizes_bytes.begin(), sizes_bytes.end(), is_ambiguous)) {
      ++digits;
    }
    texts.push_back(SizeText(size_bytes, digits));
  }
  return texts;
}

std::string HumanCount(uint64_t count) {
  std::string text = std::to_string(count);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string HumanRate(double per_second) {
  static constexpr Magnitude kUnits[] = {{1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {1, ""}};
  return InUnits(per_second, kUnits, 3, true);
}

std::string HumanLinkRate(uint64_t rate_bps) {
  static constexpr Magnitude kUnits[] = {
      {1e12, " Tb/s"}, {1e9, " Gb/s"}, {1e6, " Mb/s"}, {1e3, " Kb/s"}, {1, " b/s"}};
  return InUnits(static_cast<double>(rate_bps), kUnits, 4, false);
}

std::string HumanShare(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  return FixedText(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

}  // namespace ddlsim
