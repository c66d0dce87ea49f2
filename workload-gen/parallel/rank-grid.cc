// SPDX-License-Identifier: MIT
#include "workload-gen/parallel/rank-grid.h"

#include <stdexcept>
#include <utility>

namespace ddlsim {

RankGrid::RankGrid(std::vector<GridAxis> axes) : m_axes(std::move(axes)) {
  for (const GridAxis& axis : m_axes) {
    m_strides.push_back(m_rank_count);
    m_rank_count *= axis.size;
  }
}

size_t RankGrid::IndexOf(const std::string& axis) const {
  for (size_t i = 0; i < m_axes.size(); ++i) {
    if (m_axes[i].name == axis) return i;
  }
  throw std::logic_error("no axis " + axis);
}

uint32_t RankGrid::Size(const std::string& axis) const {
  return m_axes[IndexOf(axis)].size;
}

uint32_t RankGrid::Coordinate(uint32_t rank, const std::string& axis) const {
  const size_t index = IndexOf(axis);
  return rank / m_strides[index] % m_axes[index].size;
}

std::vector<std::vector<uint32_t>> RankGrid::Groups(const std::vector<std::string>& axes) const {
  std::vector<bool> is_inside(m_axes.size(), false);
  for (const std::string& axis : axes) is_inside[IndexOf(axis)] = true;
  // A rank's group is that of the rank with zeros along the inner axes.
  std::vector<uint32_t> group_of(m_rank_count);
  std::vector<std::vector<uint32_t>> groups;
  for (uint32_t rank = 0; rank < m_rank_count; ++rank) {
    uint32_t first = rank;
    for (size_t i = 0; i < m_axes.size(); ++i) {
      if (is_inside[i]) first -= rank / m_strides[i] % m_axes[i].size * m_strides[i];
    }
    if (first == rank) {
      group_of[rank] = static_cast<uint32_t>(groups.size());
      groups.emplace_back();
    }
    groups[group_of[first]].push_back(rank);
  }
  return groups;
}

}  // namespace ddlsim
