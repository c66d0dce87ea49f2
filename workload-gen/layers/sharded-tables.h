// SPDX-License-Identifier: MIT
//
// Lookups in embedding tables that are spread over the ranks of a data-parallel group: each rank
// looks up what it has for the samples of all ranks, and the vectors go to the samples' ranks.
// Backward their gradients come back the same way, and the rows that were looked up are updated
// where they lie, in the same kernel (Mudigere et al. 2022): no rank keeps gradients
// of tables, and nothing of them is reduced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/layers/table-placement.h"

namespace ddlsim {

class ShardedTables {
 public:
  // Of `member`; `table_rows` are those of all tables, `samples` those of one rank, each with one
  // lookup per table.
  ShardedTables(LayerBuilder& layers, const TablePlacement& placement, uint32_t member,
                const std::vector<uint64_t>& table_rows, uint64_t width, uint64_t samples);

  // The vectors of all ranks' samples, as far as this rank has them. There is one also where it has
  // no table: it does nothing then.
  size_t AddLookup();
  // The vectors of all tables for this rank's samples.
  size_t AddExchange(size_t lookup);

 private:
  bool IsRowWise() const { return m_placement.sharding == EmbeddingSharding::kRowWise; }
  std::vector<size_t> AddTables();
  Cost LookupCost(uint64_t tables) const;
  uint64_t AllVectorBytes(uint64_t samples) const;  // of all tables

  LayerBuilder& m_layers;
  const TablePlacement& m_placement;
  const uint32_t m_member;
  const std::vector<uint64_t>& m_table_rows;
  const uint64_t m_width;
  const uint64_t m_samples;
};

}  // namespace ddlsim
