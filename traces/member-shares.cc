// SPDX-License-Identifier: MIT
#include "traces/member-shares.h"

#include <algorithm>

#include "traces/execution-graph.h"

namespace ddlsim {
namespace {

// 2^20 weights of 2^50 times 2^50 bytes stay below 2^128.
using Wide = unsigned __int128;

}  // namespace

std::vector<uint64_t> CutByShares(uint64_t size_bytes, const std::vector<uint64_t>& weights) {
  Wide sum = 0;
  for (const uint64_t weight : weights) sum += weight;
  std::vector<uint64_t> parts;
  parts.reserve(weights.size());
  Wide before = 0;
  uint64_t begin_bytes = 0;
  for (const uint64_t weight : weights) {
    before += weight;
    const auto end_bytes = static_cast<uint64_t>(size_bytes * before / sum);
    parts.push_back(end_bytes - begin_bytes);
    begin_bytes = end_bytes;
  }
  return parts;
}

const char* ShareProblem(const std::vector<uint64_t>& weights) {
  if (weights.size() > kRankCountMax) return "has more members than a set can have";
  if (std::any_of(weights.begin(), weights.end(),
                  [](uint64_t weight) { return weight > kShareWeightMax; })) {
    return "has a weight above its limit of 2^50";
  }
  const bool is_nothing =
      std::all_of(weights.begin(), weights.end(), [](uint64_t weight) { return weight == 0; });
  return is_nothing ? "gives no member anything" : nullptr;
}

}  // namespace ddlsim
