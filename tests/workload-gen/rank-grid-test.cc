// SPDX-License-Identifier: MIT
#include "workload-gen/parallel/rank-grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ddlsim {
namespace {

using Groups = std::vector<std::vector<uint32_t>>;

// Megatron-LM's own example (megatron/core/parallel_state.py): 16 GPUs, tensor 2, pipeline 4.
TEST(RankGrid, GroupsOfAKnownExample) {
  const RankGrid grid({{"tp", 2}, {"dp", 2}, {"pp", 4}});
  EXPECT_EQ(grid.RankCount(), 16u);
  EXPECT_EQ(grid.Groups({"tp"}),
            (Groups{{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}, {12, 13}, {14, 15}}));
  EXPECT_EQ(grid.Groups({"pp"}),
            (Groups{{0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15}}));
  EXPECT_EQ(grid.Groups({"dp"}),
            (Groups{{0, 2}, {1, 3}, {4, 6}, {5, 7}, {8, 10}, {9, 11}, {12, 14}, {13, 15}}));
  EXPECT_EQ(grid.Groups({"tp", "dp"}).front(), (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(grid.Groups({}).size(), 16u);
}

TEST(RankGrid, GroupsAreAPartitionAlongTheirAxes) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<GridAxis> axes;
    for (const char* name : {"a", "b", "c", "d"})
      axes.push_back({name, static_cast<uint32_t>(random() % 4 + 1)});
    const RankGrid grid(axes);
    const std::vector<std::string> inside{"b", "d"};
    std::vector<uint32_t> seen;
    for (const std::vector<uint32_t>& group : grid.Groups(inside)) {
      EXPECT_EQ(group.size(), grid.Size("b") * grid.Size("d"));
      EXPECT_TRUE(std::is_sorted(group.begin(), group.end()));
      for (uint32_t rank : group) {
        seen.push_back(rank);
        EXPECT_EQ(grid.Coordinate(rank, "a"), grid.Coordinate(group[0], "a"));
        EXPECT_EQ(grid.Coordinate(rank, "c"), grid.Coordinate(group[0], "c"));
      }
    }
    std::sort(seen.begin(), seen.end());
    ASSERT_EQ(seen.size(), grid.RankCount());
    for (uint32_t rank = 0; rank < seen.size(); ++rank) EXPECT_EQ(seen[rank], rank);
  }
}

}  // namespace
}  // namespace ddlsim
