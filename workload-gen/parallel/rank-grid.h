// SPDX-License-Identifier: MIT
//
// Ranks as points of a grid whose axes are the kinds of parallelism, and the communicator groups
// along them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

struct GridAxis {
  std::string name;  // "tp"
  uint32_t size = 1;
};

// rank = sum of coordinate x stride; neighbours along the first axis are consecutive ranks.
class RankGrid {
 public:
  // `axes`: fastest first, names all different, product of the sizes at most kRankCountMax.
  explicit RankGrid(std::vector<GridAxis> axes);

  uint32_t RankCount() const { return m_rank_count; }
  uint32_t Size(const std::string& axis) const;
  uint32_t Coordinate(uint32_t rank, const std::string& axis) const;

  // The ranks that differ in these axes only, for all values of the others: a partition of all
  // ranks. Groups by their least rank; within a group ascending. No axes: every rank by itself.
  std::vector<std::vector<uint32_t>> Groups(const std::vector<std::string>& axes) const;

 private:
  size_t IndexOf(const std::string& axis) const;

  std::vector<GridAxis> m_axes;
  std::vector<uint32_t> m_strides;
  uint32_t m_rank_count = 1;
};

}  // namespace ddlsim
