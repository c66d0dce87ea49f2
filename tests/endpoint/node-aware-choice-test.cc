// SPDX-License-Identifier: MIT
#include "endpoint/node-aware-choice.h"

#include <gtest/gtest.h>

namespace ddlsim {
namespace {

constexpr double kUs = 1e6;

// 8 GPUs at 450 GB/s inside, 8 NICs of 50 GB/s.
NodeLinks EightNics() {
  return {8, 1000.0 / 450, 1000.0 / 50, 0.5 * kUs, 2 * kUs};
}

CollectiveSpec Spec(CollectiveType type, uint32_t ranks, uint32_t local, uint64_t size_bytes) {
  CollectiveSpec spec;
  spec.type = type;
  spec.rank_count = ranks;
  spec.local_size = local;
  spec.size_bytes = size_bytes;
  return spec;
}

TEST(NodeAwareChoice, LeavesGroupsWithoutNodesAlone) {
  for (const uint32_t local : {0u, 1u, 32u}) {
    const CollectiveSpec spec = Spec(CollectiveType::kAllReduce, 32, local, 1 << 26);
    EXPECT_EQ(NodeAwareChoice(spec, EightNics()), Algorithm::kAuto) << local;
  }
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kBroadcast, 32, 8, 1 << 26), EightNics()),
            Algorithm::kAuto);
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kAllToAll, 32, 8, 1 << 26), EightNics()),
            Algorithm::kAuto);
}

// Seven of eight hosts' data over one NIC against an eighth of it over each.
TEST(NodeAwareChoice, UsesAllNics) {
  for (const CollectiveType type : {CollectiveType::kAllGather, CollectiveType::kReduceScatter}) {
    EXPECT_EQ(NodeAwareChoice(Spec(type, 64, 8, 1 << 26), EightNics()), Algorithm::kHierarchical);
  }
  // 6 per node: no power of two, which halving-doubling would need to stay on rails.
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kAllReduce, 24, 6, 1 << 26), EightNics()),
            Algorithm::kHierarchical);
}

TEST(NodeAwareChoice, SmallMessagesTakeFewSteps) {
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kAllReduce, 64, 8, 1024), EightNics()),
            Algorithm::kHalvingDoubling);
}

// Where the network inside is the slow one, what passes it twice as often loses.
TEST(NodeAwareChoice, RingWhereTheInsideIsSlow) {
  NodeLinks links = EightNics();
  links.nics_per_node = 1;
  links.up_ps_per_byte = 20 * links.out_ps_per_byte;
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kAllGather, 64, 8, 1 << 26), links),
            Algorithm::kRing);
}

}  // namespace
}  // namespace ddlsim
