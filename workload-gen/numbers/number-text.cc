// SPDX-License-Identifier: MIT
#include "workload-gen/numbers/number-text.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

namespace ddlsim {

std::string GroupedText(uint64_t value) {
  std::string digits = absl::StrCat(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, ",");
  return digits;
}

std::string ScaledText(double value) {
  const char* const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  size_t prefix = 0;
  while (value >= 1000 && prefix < 6) {
    value /= 1000;
    ++prefix;
  }
  return absl::StrFormat("%.4g %s", value, prefixes[prefix]);
}

std::string MillisecondsText(uint64_t duration_ns) {
  return absl::StrFormat("%.3f ms", static_cast<double>(duration_ns) / 1e6);
}

std::string BinaryText(uint64_t size_bytes) {
  const char* const prefixes[] = {"MiB", "GiB", "TiB"};
  double value = static_cast<double>(size_bytes) / (1 << 20);
  size_t prefix = 0;
  while (value >= 1024 && prefix < 2) {
    value /= 1024;
    ++prefix;
  }
  return absl::StrFormat("%.1f %s", value, prefixes[prefix]);
}

std::string PercentText(double part) {
  return absl::StrFormat("%.1f %%", 100 * part);
}

}  // namespace ddlsim
