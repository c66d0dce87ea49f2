// SPDX-License-Identifier: MIT
//
// Unequal shares of an all_to_all: symbolic data arrives where it should, there and back.
#include "collective/pair-shares.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "collective/check/collective-oracle.h"
#include "collective/schedule.h"

namespace ddlsim {
namespace {

CollectiveSpec SpecOf(uint64_t size_bytes, const MemberShares& shares) {
  CollectiveSpec spec;
  spec.type = CollectiveType::kAllToAll;
  spec.algorithm = Algorithm::kDirect;
  spec.rank_count = static_cast<uint32_t>(shares.weights.size());
  spec.size_bytes = size_bytes;
  spec.pair_bytes = std::make_shared<const std::vector<uint64_t>>(PairBytesOf(size_bytes, shares));
  return spec;
}

TEST(PairShares, TheWayBackIsTheWayThereTurnedRound) {
  const MemberShares there{{5, 0, 2}, false}, back{{5, 0, 2}, true};
  EXPECT_EQ(PairBytesOf(7, there), (std::vector<uint64_t>{5, 0, 2, 5, 0, 2, 5, 0, 2}));
  EXPECT_EQ(PairBytesOf(7, back), (std::vector<uint64_t>{5, 5, 5, 0, 0, 0, 2, 2, 2}));
}

TEST(PairShares, EveryByteArrivesByAllAlgorithms) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 60; ++round) {
    const auto local_size = static_cast<uint32_t>(1 + random() % 4);
    const auto nodes = static_cast<uint32_t>(1 + random() % 4);
    MemberShares shares;
    shares.are_sent = random() % 2 == 1;
    for (uint32_t i = 0; i < local_size * nodes; ++i) {
      shares.weights.push_back(random() % 5);
    }
    shares.weights.front() += 1;
    CollectiveSpec spec = SpecOf(random() % 300, shares);
    spec.local_size = local_size;
    for (const Algorithm algorithm : {Algorithm::kDirect, Algorithm::kHierarchical}) {
      spec.algorithm = algorithm;
      EXPECT_EQ(ScheduleProblem(spec, *MakeSchedule(spec), ExecutionOrder::kUniform, random), "")
          << DescribeCase(spec);
    }
  }
}

}  // namespace
}  // namespace ddlsim
