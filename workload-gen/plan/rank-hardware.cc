// SPDX-License-Identifier: MIT
#include "workload-gen/plan/rank-hardware.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"

namespace ddlsim {
namespace {

constexpr double kSpeedMin = 0.001, kSpeedMax = 1000;

// "8-15" or "8". Calls `each` for every rank.
template <typename Each>
void ForRanks(const char* place, const std::string& text, uint32_t rank_count, Each each) {
  const std::vector<std::string> ends = absl::StrSplit(text, absl::MaxSplits('-', 1));
  const uint64_t first = ParseCount(place, ends.front(), 0, rank_count - 1);
  const uint64_t last = ParseCount(place, ends.back(), first, rank_count - 1);
  for (uint64_t rank = first; rank <= last; ++rank) each(static_cast<uint32_t>(rank));
}

uint32_t ReadSpeed(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= kSpeedMin && value <= kSpeedMax)) {
    throw InputError("--speed", "'" + Printable(text) + "' is no speed",
                     "write a factor from 0.001 to 1000, 1 being that of the GPU: 8-15:0.8");
  }
  return static_cast<uint32_t>(std::lround(value * 1e6));
}

[[noreturn]] void RefuseTwice(const char* place, uint32_t rank) {
  throw InputError(place, absl::StrCat("rank ", rank, " stands in two entries"),
                   "name each rank once");
}

}  // namespace

std::string FirstGpu(const std::string& gpus) {
  return gpus.substr(0, gpus.find(','));
}

std::vector<RankHardware> ParseRankHardware(const std::string& gpus, const std::string& speeds,
                                            uint32_t rank_count) {
  std::vector<std::string> gpu_of(rank_count, FirstGpu(gpus));
  std::vector<bool> is_named(rank_count, false);
  const std::vector<std::string> entries = absl::StrSplit(gpus, ',');
  for (size_t i = 1; i < entries.size(); ++i) {
    const size_t colon = entries[i].rfind(':');
    if (colon == entries[i].npos) {
      throw InputError("--gpu", "'" + Printable(entries[i]) + "' names no ranks",
                       "write them behind a colon: h100,a100-80gb:8-15");
    }
    ForRanks("--gpu", entries[i].substr(colon + 1), rank_count, [&](uint32_t rank) {
      if (is_named[rank]) RefuseTwice("--gpu", rank);
      is_named[rank] = true;
      gpu_of[rank] = entries[i].substr(0, colon);
    });
  }
  std::vector<uint32_t> speed_of(rank_count, 0);
  const std::vector<std::string> speed_entries = absl::StrSplit(speeds, ',', absl::SkipEmpty());
  for (const std::string& entry : speed_entries) {
    const std::vector<std::string> halves = absl::StrSplit(entry, ':');
    if (halves.size() != 2) {
      throw InputError("--speed", "'" + Printable(entry) + "' is not ranks and a factor",
                       "write it as 8-15:0.8");
    }
    const uint32_t speed_ppm = ReadSpeed(halves[1]);
    ForRanks("--speed", halves[0], rank_count, [&](uint32_t rank) {
      if (speed_of[rank] != 0) RefuseTwice("--speed", rank);
      speed_of[rank] = speed_ppm;
    });
  }
  std::vector<RankHardware> parts;
  std::map<std::pair<std::string, uint32_t>, size_t> part_of;
  for (uint32_t rank = 0; rank < rank_count; ++rank) {
    const uint32_t speed_ppm = speed_of[rank] == 0 ? 1000000 : speed_of[rank];
    const auto [found, is_new] = part_of.try_emplace({gpu_of[rank], speed_ppm}, parts.size());
    if (is_new) parts.push_back({gpu_of[rank], speed_ppm, {}});
    parts[found->second].ranks.push_back(rank);
  }
  return parts;
}

}  // namespace ddlsim
