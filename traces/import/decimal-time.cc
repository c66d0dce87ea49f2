// SPDX-License-Identifier: MIT
#include "traces/import/decimal-time.h"

#include <algorithm>

namespace ddlsim {

std::optional<uint64_t> DecimalToNs(const std::string& text, uint64_t unit_ps) {
  constexpr size_t kDigitsMax = 18;  // of the whole part and of the fraction each
  const size_t dot = std::min(text.find('.'), text.size());
  const std::string whole = text.substr(0, dot);
  std::string fraction = dot < text.size() ? text.substr(dot + 1) : "";
  const auto is_digits = [](const std::string& part) {
    return part.find_first_not_of("0123456789") == std::string::npos;
  };
  if (whole.empty() || !is_digits(whole) || !is_digits(fraction)) return std::nullopt;
  if (dot < text.size() && fraction.empty()) return std::nullopt;
  fraction.resize(std::min(fraction.size(), kDigitsMax));  // far below a nanosecond
  if (whole.size() > kDigitsMax) return std::nullopt;
  using Wide = unsigned __int128;
  const auto value = [](const std::string& digits) {
    Wide sum = 0;
    for (char digit : digits) sum = sum * 10 + static_cast<unsigned>(digit - '0');
    return sum;
  };
  Wide scale = 1;
  for (size_t i = 0; i < fraction.size(); ++i) scale *= 10;
  constexpr Wide kPsPerNs = 1000;
  const Wide total_ps = value(whole) * unit_ps + value(fraction) * unit_ps / scale;
  const Wide total_ns = (total_ps + kPsPerNs / 2) / kPsPerNs;
  if (total_ns > INT64_MAX) return std::nullopt;
  return static_cast<uint64_t>(total_ns);
}

}  // namespace ddlsim
