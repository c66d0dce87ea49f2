// SPDX-License-Identifier: GPL-2.0-only
#include "traffic/flow-size-file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr size_t kFileMaxBytes = 1u << 20;
constexpr int kShareDecimals = 7;  // of a percentage: 1e-9 of the whole

std::string ReadText(const std::string& place, const std::string& path) {
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open() || std::filesystem::is_directory(path, error)) {
    throw InputError(place, "'" + Printable(path) + "' cannot be read",
                     "name a file of flow sizes with file:PATH");
  }
  std::string text(kFileMaxBytes + 1, '\0');
  file.read(&text[0], static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (file.bad() || text.size() > kFileMaxBytes) {
    throw InputError(place, "'" + Printable(path) + "' is longer than 1 MiB or cannot be read",
                     "give the distribution by fewer points");
  }
  return text;
}

bool IsWhole(const std::string& text, size_t digits_max) {
  return !text.empty() && text.size() <= digits_max &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

uint64_t ParseSize(const std::string& line, const std::string& text) {
  const uint64_t size_bytes = IsWhole(text, 13) ? std::stoull(text) : UINT64_MAX;
  if (size_bytes <= FlowSizeDistribution::kSizeMaxBytes) return size_bytes;
  throw InputError(line, "'" + Printable(text) + "' is no flow size",
                   "write whole bytes, at most 1 TiB, without a unit");
}

// An exact decimal: floating point would round differently from what is written.
uint64_t ParsePercent(const std::string& line, const std::string& text) {
  const size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  const bool is_number =
      IsWhole(whole, 3) && (point == std::string::npos || IsWhole(fraction, kShareDecimals));
  uint64_t share_ppb = UINT64_MAX;
  if (is_number) {
    fraction.resize(kShareDecimals, '0');
    share_ppb = std::stoull(whole + fraction);
  }
  if (share_ppb <= FlowSizeDistribution::kWholePpb) return share_ppb;
  throw InputError(line, "'" + Printable(text) + "' is no percentage from 0 to 100",
                   "write the share of flows at or below the size, such as 97.5, with at most " +
                       std::to_string(kShareDecimals) + " decimals");
}

FlowSizePoint ParsePoint(const std::string& line, const std::string& text) {
  std::istringstream words(text);
  std::string size, percent, more;
  words >> size >> percent;
  if (percent.empty() || words >> more) {
    throw InputError(line, "does not hold two numbers",
                     "write SIZE_BYTES PERCENT, such as 10000 15");
  }
  return {ParseSize(line, size), ParsePercent(line, percent)};
}

void CheckRises(const std::string& line, const FlowSizePoint& low, const FlowSizePoint& high) {
  if (high.size_bytes < low.size_bytes) {
    throw InputError(line, "the size is below that of the point before", "order points by size");
  }
  if (high.share_ppb < low.share_ppb) {
    throw InputError(line, "the percentage is below that of the point before",
                     "percentages are cumulative: they rise up to 100");
  }
  if (high.size_bytes == low.size_bytes && high.share_ppb == low.share_ppb) {
    throw InputError(line, "repeats the point before", "leave one of the two out");
  }
}

}  // namespace

FlowSizeDistribution ReadFlowSizeFile(const std::string& place, const std::string& path) {
  std::istringstream text(ReadText(place, path));
  std::vector<FlowSizePoint> points;
  size_t number = 0;
  std::string last_line = Printable(path) + ":1";
  for (std::string line; std::getline(text, line);) {
    ++number;
    line.resize(std::min(line.find('#'), line.size()));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    last_line = Printable(path) + ":" + std::to_string(number);
    const FlowSizePoint point = ParsePoint(last_line, line);
    if (!points.empty()) CheckRises(last_line, points.back(), point);
    points.push_back(point);
  }
  if (points.empty() || points.back().share_ppb != FlowSizeDistribution::kWholePpb) {
    throw InputError(last_line, "the distribution does not end at 100 percent",
                     "let the last line be LARGEST_SIZE 100");
  }
  if (points.back().size_bytes == 0) {
    throw InputError(last_line, "all flows have no bytes", "give sizes above 0");
  }
  return FlowSizeDistribution(std::move(points));
}

}  // namespace ddlsim
