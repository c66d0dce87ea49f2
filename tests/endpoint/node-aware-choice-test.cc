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

// Seven links of 64 GB/s, one to each neighbour.
NodeLinks Mesh() {
  NodeLinks links = EightNics();
  links.up_ps_per_byte = 1000.0 / 64 / 7;
  links.pair_ps_per_byte = 1000.0 / 64;
  return links;
}

TEST(NodeAwareChoice, MeshesUseAllTheirLinks) {
  for (const uint64_t size_bytes : {uint64_t{1} << 16, uint64_t{1} << 33}) {
    for (const CollectiveType type : {CollectiveType::kAllGather, CollectiveType::kReduceScatter}) {
      EXPECT_EQ(NodeAwareChoice(Spec(type, 8, 8, size_bytes), Mesh()), Algorithm::kDirect);
    }
  }
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kBroadcast, 8, 8, 1 << 26), Mesh()),
            Algorithm::kAuto);
}

// Two latencies u and 2 S/n bytes against one and S: they meet at u / (P (1 - 2/n)).
TEST(NodeAwareChoice, OneShotOrTwoOnAMesh) {
  for (const uint32_t ranks : {4u, 8u}) {
    const auto meet_bytes = static_cast<uint64_t>(0.5 * kUs / (1000.0 / 64 * (1 - 2.0 / ranks)));
    EXPECT_EQ(
        NodeAwareChoice(Spec(CollectiveType::kAllReduce, ranks, ranks, meet_bytes - 8), Mesh()),
        Algorithm::kDirect);
    EXPECT_EQ(
        NodeAwareChoice(Spec(CollectiveType::kAllReduce, ranks, ranks, meet_bytes + 8), Mesh()),
        Algorithm::kTwoShot);
  }
  // Between two ranks the second shot brings nothing.
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kAllReduce, 2, 2, 1 << 30), Mesh()),
            Algorithm::kDirect);
}

// Rings inside the hosts would pass 2 * 7/8 of the data by one link, two shots 2/8 by each.
TEST(NodeAwareChoice, MeshesOfSeveralHostsTakeTwoShots) {
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kAllReduce, 16, 8, 1 << 28), Mesh()),
            Algorithm::kTwoShot);
  EXPECT_EQ(NodeAwareChoice(Spec(CollectiveType::kAllGather, 16, 8, 1 << 28), Mesh()),
            Algorithm::kHierarchical);
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
