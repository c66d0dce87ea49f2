// SPDX-License-Identifier: MIT
//
// Where the embedding tables of a recommendation model lie when ranks do not all hold copies:
// model parallelism for the tables beside data parallelism for everything else (Naumov et al. 2019,
// DLRM, section 4; Mudigere et al. 2022, Software-Hardware Co-design for Fast and Scalable Training
// of Deep Learning Recommendation Models). Names are TorchRec's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workload-gen/layers/layer-costs.h"

namespace ddlsim {

enum class EmbeddingSharding : uint8_t {
  kDataParallel,  // every rank has all tables
  kTableWise,     // each table lies on one rank
  kRowWise,       // each rank has 1 / ranks of the rows of every table
};

// The ranks are the members of a data-parallel group.
struct TablePlacement {
  EmbeddingSharding sharding = EmbeddingSharding::kTableWise;
  uint32_t ranks = 1;
  // Updates the rows that were looked up where they lie.
  Optimizer optimizer = Optimizer::kSgd;
  std::vector<std::vector<size_t>> tables;  // kTableWise: by member, ascending; may be none
  std::vector<uint64_t> member_elements;    // what each member holds

  // Tables by member; empty where all have equally many.
  std::vector<uint64_t> UnequalCounts() const;
  // Members that do the same, since they have equally many tables: the one that holds most comes
  // first in each class, then by number. Classes by their least member.
  std::vector<std::vector<uint32_t>> MemberClasses() const;
};

// `table_rows` of `width` values each. Table by table, the largest first, to the member with the
// fewest tables, since each costs the same lookups, and among these to the one with the fewest
// values: the greedy heuristic of Mudigere et al.
TablePlacement PlaceTables(EmbeddingSharding sharding, const std::vector<uint64_t>& table_rows,
                           uint64_t width, uint32_t ranks, Optimizer optimizer);

}  // namespace ddlsim
