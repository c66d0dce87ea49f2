// SPDX-License-Identifier: MIT
#include "workload-gen/layers/table-placement.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <queue>
#include <tuple>

#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

void PlaceWhole(const std::vector<uint64_t>& table_rows, uint64_t width,
                TablePlacement& placement) {
  std::vector<size_t> order(table_rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return table_rows[a] > table_rows[b]; });
  // Tables, values, member: the least is served next.
  using Load = std::tuple<size_t, uint64_t, uint32_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> members;
  for (uint32_t member = 0; member < placement.ranks; ++member) members.emplace(0, 0, member);
  for (const size_t table : order) {
    auto [count, elements, member] = members.top();
    members.pop();
    elements = Sum(elements, Product({table_rows[table], width}));
    placement.tables[member].push_back(table);
    placement.member_elements[member] = elements;
    members.emplace(count + 1, elements, member);
  }
  for (std::vector<size_t>& tables : placement.tables) std::sort(tables.begin(), tables.end());
}

}  // namespace

TablePlacement PlaceTables(EmbeddingSharding sharding, const std::vector<uint64_t>& table_rows,
                           uint64_t width, uint32_t ranks, Optimizer optimizer) {
  TablePlacement placement;
  placement.sharding = sharding;
  placement.ranks = ranks;
  placement.optimizer = optimizer;
  placement.member_elements.assign(ranks, 0);
  if (sharding == EmbeddingSharding::kTableWise) {
    placement.tables.resize(ranks);
    PlaceWhole(table_rows, width, placement);
    return placement;
  }
  uint64_t elements = 0;
  for (const uint64_t rows : table_rows) {
    const uint64_t own =
        sharding == EmbeddingSharding::kRowWise ? (rows + ranks - 1) / ranks : rows;
    elements = Sum(elements, Product({own, width}));
  }
  placement.member_elements.assign(ranks, elements);
  return placement;
}

std::vector<uint64_t> TablePlacement::UnequalCounts() const {
  std::vector<uint64_t> counts;
  counts.reserve(tables.size());
  for (const std::vector<size_t>& own : tables) counts.push_back(own.size());
  const bool are_equal = std::all_of(counts.begin(), counts.end(),
                                     [&](uint64_t count) { return count == counts.front(); });
  return are_equal ? std::vector<uint64_t>() : counts;
}

std::vector<std::vector<uint32_t>> TablePlacement::MemberClasses() const {
  std::map<size_t, size_t> class_of;  // by number of tables
  std::vector<std::vector<uint32_t>> classes;
  for (uint32_t member = 0; member < ranks; ++member) {
    const size_t count = tables.empty() ? 0 : tables[member].size();
    const auto [found, is_new] = class_of.try_emplace(count, classes.size());
    if (is_new) classes.emplace_back();
    classes[found->second].push_back(member);
  }
  for (std::vector<uint32_t>& members : classes) {
    const auto fullest = std::max_element(
        members.begin(), members.end(),
        [this](uint32_t a, uint32_t b) { return member_elements[a] < member_elements[b]; });
    std::rotate(members.begin(), fullest, fullest + 1);
  }
  return classes;
}

}  // namespace ddlsim
