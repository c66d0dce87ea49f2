// SPDX-License-Identifier: MIT
#include "workload-gen/layers/sharded-tables.h"

#include <absl/strings/str_cat.h>

#include "workload-gen/layers/axes.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kIndexBytes = 8;
// Indices are sorted with their places, so that all gradients of a row are added before its update:
// both are read and written once at least.
constexpr uint64_t kSortedBytes = 4 * kIndexBytes;

}  // namespace

ShardedTables::ShardedTables(LayerBuilder& layers, const TablePlacement& placement, uint32_t member,
                             const std::vector<uint64_t>& table_rows, uint64_t width,
                             uint64_t samples)
    : m_layers(layers),
      m_placement(placement),
      m_member(member),
      m_table_rows(table_rows),
      m_width(width),
      m_samples(samples) {}

std::vector<size_t> ShardedTables::AddTables() {
  std::vector<size_t> parameters;
  const auto add = [&](size_t table, uint64_t rows) {
    parameters.push_back(
        m_layers.AddShardedTable(absl::StrCat("embedding.table", table), Product({rows, m_width})));
  };
  if (IsRowWise()) {
    for (size_t i = 0; i < m_table_rows.size(); ++i) {
      add(i, (m_table_rows[i] + m_placement.ranks - 1) / m_placement.ranks);
    }
  } else {
    for (const size_t table : m_placement.tables[m_member]) add(table, m_table_rows[table]);
  }
  return parameters;
}

uint64_t ShardedTables::AllVectorBytes(uint64_t samples) const {
  return Product({m_layers.GetFormats().ActivationBytes(), samples, m_table_rows.size(), m_width});
}

// One kernel over all tables each way. Rows that several samples share are read for each.
Cost ShardedTables::LookupCost(uint64_t tables) const {
  const Formats& formats = m_layers.GetFormats();
  const uint64_t samples = Product({m_samples, m_placement.ranks});
  uint64_t lookups = Product({samples, tables});
  Cost cost;
  cost.output_bytes = Product({formats.ActivationBytes(), lookups, m_width});
  cost.forward = cost.backward = {0, 0, 0};
  if (tables == 0) return cost;
  // A row lies on one rank in so many: the others contribute zeros.
  if (IsRowWise()) lookups = (lookups + m_placement.ranks - 1) / m_placement.ranks;
  const uint64_t values = Product({lookups, m_width});
  cost.forward = {0,
                  Product({formats.ParameterBytes(), values}) + cost.output_bytes +
                      Product({kIndexBytes, lookups}),
                  1};
  // The update reads gradients in the format of the vectors.
  const Work update = OptimizerWork(formats, m_placement.optimizer, values);
  const uint64_t gradient_bytes = Product({formats.GradientBytes(), values});
  cost.backward = {Sum(values, update.operations),
                   update.memory_bytes - gradient_bytes +
                       Product({formats.ActivationBytes(), values}) +
                       Product({kSortedBytes, lookups}),
                   2};
  cost.kept.own_bytes = Product({kIndexBytes, lookups});
  cost.backward_scratch_bytes = Product({2 * kIndexBytes, lookups});
  return cost;
}

size_t ShardedTables::AddLookup() {
  std::vector<size_t> parameters = AddTables();
  const Cost cost = LookupCost(parameters.size());
  return m_layers.Add("embedding", "embedding", {}, std::move(parameters), cost);
}

size_t ShardedTables::AddExchange(size_t lookup) {
  const uint64_t own_bytes = AllVectorBytes(m_samples);
  if (IsRowWise()) {
    // Of each vector one rank has the values, and the others zeros: their sum.
    const uint64_t all_bytes = AllVectorBytes(Product({m_samples, m_placement.ranks}));
    return m_layers.AddExchange(
        "embedding.exchange", lookup, own_bytes,
        Exchange{kDataParallelAxis, CollectiveType::kReduceScatter, false, all_bytes},
        Exchange{kDataParallelAxis, CollectiveType::kAllGather, false, all_bytes});
  }
  const std::vector<uint64_t> counts = m_placement.UnequalCounts();
  const bool has_shares = !counts.empty();
  const Exchange forward{
      kDataParallelAxis, CollectiveType::kAllToAll, false, own_bytes, {counts, has_shares}};
  Exchange backward = forward;
  backward.shares.are_sent = false;
  return m_layers.AddExchange("embedding.exchange", lookup, own_bytes, forward, backward);
}

}  // namespace ddlsim
