// SPDX-License-Identifier: MIT
#include "collective/all-cases.h"

namespace ddlsim {

std::vector<uint32_t> RankCounts() {
  std::vector<uint32_t> counts;
  for (uint32_t n = 1; n <= 17; ++n) counts.push_back(n);
  counts.push_back(32);
  counts.push_back(64);
  return counts;
}

std::vector<CollectiveSpec> AllSchedules(uint32_t rank_count) {
  const std::pair<CollectiveType, Algorithm> schedules[] = {
      {CollectiveType::kAllReduce, Algorithm::kRing},
      {CollectiveType::kAllReduce, Algorithm::kHalvingDoubling},
      {CollectiveType::kAllGather, Algorithm::kRing},
      {CollectiveType::kReduceScatter, Algorithm::kRing},
      {CollectiveType::kBroadcast, Algorithm::kTree},
      {CollectiveType::kBroadcast, Algorithm::kRing},
      {CollectiveType::kAllToAll, Algorithm::kDirect},
      {CollectiveType::kBarrier, Algorithm::kDissemination},
  };
  std::vector<CollectiveSpec> specs;
  for (const auto& [type, algorithm] : schedules) {
    CollectiveSpec spec;
    spec.type = type;
    spec.algorithm = algorithm;
    spec.rank_count = rank_count;
    specs.push_back(spec);
  }
  return specs;
}

std::vector<uint64_t> Sizes(uint32_t rank_count) {
  const uint64_t n = rank_count;
  return {0, 1, n - 1, n, n + 1, 1000003, 48 * n, n << 20};
}

std::vector<CollectiveSpec> AllCases(uint32_t rank_count) {
  std::vector<CollectiveSpec> cases;
  for (CollectiveSpec spec : AllSchedules(rank_count)) {
    const bool is_barrier = spec.type == CollectiveType::kBarrier;
    const uint32_t root_count = spec.type == CollectiveType::kBroadcast ? rank_count : 1;
    const std::vector<uint64_t> sizes = is_barrier ? std::vector<uint64_t>{0} : Sizes(rank_count);
    for (size_t i = 0; i < sizes.size(); ++i) {
      spec.size_bytes = sizes[i];
      for (spec.root = 0; spec.root < root_count; ++spec.root) {
        const bool is_spared = rank_count > 17 && spec.root > 0 && (spec.root + i) % 4 != 0;
        if (!is_spared) cases.push_back(spec);
      }
    }
  }
  return cases;
}

}  // namespace ddlsim
