// SPDX-License-Identifier: MIT
#include "collective/all-cases.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

namespace ddlsim {
namespace {

using Pair = std::pair<CollectiveType, Algorithm>;

constexpr Pair kFlatSchedules[] = {
    {CollectiveType::kAllReduce, Algorithm::kRing},
    {CollectiveType::kAllReduce, Algorithm::kHalvingDoubling},
    {CollectiveType::kAllReduce, Algorithm::kTree},
    {CollectiveType::kAllReduce, Algorithm::kDirect},
    {CollectiveType::kAllGather, Algorithm::kRing},
    {CollectiveType::kAllGather, Algorithm::kHalvingDoubling},
    {CollectiveType::kAllGather, Algorithm::kDirect},
    {CollectiveType::kAllGather, Algorithm::kBruck},
    {CollectiveType::kAllGather, Algorithm::kPat},
    {CollectiveType::kReduceScatter, Algorithm::kRing},
    {CollectiveType::kReduceScatter, Algorithm::kHalvingDoubling},
    {CollectiveType::kReduceScatter, Algorithm::kDirect},
    {CollectiveType::kReduceScatter, Algorithm::kPat},
    {CollectiveType::kBroadcast, Algorithm::kTree},
    {CollectiveType::kBroadcast, Algorithm::kRing},
    {CollectiveType::kBroadcast, Algorithm::kHalvingDoubling},
    {CollectiveType::kReduce, Algorithm::kTree},
    {CollectiveType::kReduce, Algorithm::kRing},
    {CollectiveType::kReduce, Algorithm::kHalvingDoubling},
    {CollectiveType::kGather, Algorithm::kDirect},
    {CollectiveType::kGather, Algorithm::kTree},
    {CollectiveType::kScatter, Algorithm::kDirect},
    {CollectiveType::kScatter, Algorithm::kTree},
    {CollectiveType::kAllToAll, Algorithm::kDirect},
    {CollectiveType::kAllToAll, Algorithm::kBruck},
    {CollectiveType::kBarrier, Algorithm::kDissemination},
    {CollectiveType::kBarrier, Algorithm::kTree},
};

constexpr Pair kNodeSchedules[] = {
    {CollectiveType::kAllReduce, Algorithm::kDoubleBinaryTree},
    {CollectiveType::kAllReduce, Algorithm::kHierarchical},
    {CollectiveType::kAllReduce, Algorithm::kNvls},
    {CollectiveType::kAllReduce, Algorithm::kNvlsTree},
    {CollectiveType::kAllReduce, Algorithm::kInNetwork},
    {CollectiveType::kAllReduce, Algorithm::kTwoShot},
    {CollectiveType::kAllGather, Algorithm::kHierarchical},
    {CollectiveType::kReduceScatter, Algorithm::kHierarchical},
    {CollectiveType::kAllToAll, Algorithm::kHierarchical},
};

CollectiveSpec SpecOf(const Pair& pair, uint32_t rank_count, uint32_t local_size) {
  CollectiveSpec spec;
  spec.type = pair.first;
  spec.algorithm = pair.second;
  spec.rank_count = rank_count;
  spec.local_size = local_size;
  return spec;
}

}  // namespace

bool TriesAllRankCounts() {
  return std::getenv("DDL_ALL_RANK_COUNTS") != nullptr;
}

std::vector<uint32_t> RankCounts() {
  std::vector<uint32_t> counts;
  if (TriesAllRankCounts()) {
    for (uint32_t n = 1; n <= 64; ++n) counts.push_back(n);
    return counts;
  }
  for (uint32_t n = 1; n <= 17; ++n) counts.push_back(n);
  counts.push_back(32);
  counts.push_back(64);
  return counts;
}

std::vector<CollectiveSpec> AllSchedules(uint32_t rank_count) {
  std::set<uint32_t> local_sizes{1, 2, 3, 4, 8, rank_count};
  std::vector<CollectiveSpec> specs;
  for (const Pair& pair : kFlatSchedules) specs.push_back(SpecOf(pair, rank_count, 0));
  for (const Pair& pair : kNodeSchedules) {
    for (const uint32_t local_size : local_sizes) {
      if (rank_count % local_size != 0) continue;
      const bool is_one_node = local_size == 1 || local_size == rank_count;
      if (pair.second == Algorithm::kNvls && !is_one_node) continue;
      specs.push_back(SpecOf(pair, rank_count, local_size));
    }
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
    const uint32_t root_count = IsRooted(spec.type) ? rank_count : 1;
    const uint32_t root_stride = TriesAllRankCounts() ? 4 : 16;
    const std::vector<uint64_t> sizes = is_barrier ? std::vector<uint64_t>{0} : Sizes(rank_count);
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (rank_count > 17 && i % 2 == 0 && !is_barrier && !TriesAllRankCounts()) continue;
      spec.size_bytes = sizes[i];
      for (spec.root = 0; spec.root < root_count; ++spec.root) {
        const bool is_spared =
            rank_count > 17 && spec.root > 0 && (spec.root + i / 2) % root_stride != 0;
        if (!is_spared) cases.push_back(spec);
      }
    }
    spec.root = 0;
    if (spec.type != CollectiveType::kAllToAll || spec.algorithm == Algorithm::kBruck) continue;
    spec.size_bytes = 0;
    spec.pair_bytes = RandomPairBytes(rank_count, 31 * rank_count + spec.local_size);
    cases.push_back(spec);
    if (spec.algorithm != Algorithm::kDirect) continue;
    spec.pair_bytes = nullptr;
    spec.is_send_receive = true;
    spec.size_bytes = 1000003;
    cases.push_back(spec);
  }
  return cases;
}

std::shared_ptr<const std::vector<uint64_t>> RandomPairBytes(uint32_t rank_count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint64_t> pair_bytes(size_t{rank_count} * rank_count);
  for (uint64_t& size_bytes : pair_bytes) size_bytes = random() % 3 == 0 ? 0 : random() % 40;
  return std::make_shared<const std::vector<uint64_t>>(std::move(pair_bytes));
}

uint64_t PrintedSeed(uint64_t otherwise) {
  const char* text = std::getenv("DDL_TEST_SEED");
  const uint64_t seed = text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
  std::cout << "seed " << seed << " (replay with DDL_TEST_SEED=" << seed << ")\n";
  return seed;
}

}  // namespace ddlsim
