// SPDX-License-Identifier: GPL-2.0-only
//
// Workloads without a trace: one collective, or one message per rank. They are made by the same
// GraphBuilder as those of traces.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "replay/workload.h"

namespace ddlsim {

struct CollectiveWorkload {
  CollectiveType type = CollectiveType::kAllReduce;
  uint64_t size_bytes = 0;  // as in nccl-tests
  uint32_t root = 0;
  uint32_t repetitions = 1;  // one after another
};

// One collective of several sizes, as a benchmark measures them: an operation begins when the one
// before it is over on all ranks, so that no two overlap.
struct CollectiveBench {
  CollectiveType type = CollectiveType::kAllReduce;
  std::string name;                   // in the names of operations; empty: the type's
  std::vector<uint64_t> sizes_bytes;  // as in nccl-tests
  uint32_t repetitions = 1;           // of each size, one after another
};

// All ranks together. Throws InputError for a root outside the ranks.
Workload MakeCollectiveWorkload(uint32_t rank_count, const CollectiveWorkload& collective);

// All ranks together, in lockstep.
Workload MakeCollectiveBench(uint32_t rank_count, const CollectiveBench& bench);

// Every rank sends to the next and receives from the one before it (nccl-tests' sendrecv). At least
// two ranks.
Workload MakeSendReceiveWorkload(uint32_t rank_count, uint64_t size_bytes);

// Rank r sends one message to destinations[r]. Throws InputError unless these are a permutation of
// the ranks without fixed points.
Workload MakePermutationWorkload(const std::vector<uint32_t>& destinations, uint64_t size_bytes);

// A random permutation of one cycle, hence without fixed points, that follows from `seed` alone
// (Sattolo, 1986). At least two ranks.
std::vector<uint32_t> RandomPermutation(uint32_t rank_count, uint64_t seed);

}  // namespace ddlsim
