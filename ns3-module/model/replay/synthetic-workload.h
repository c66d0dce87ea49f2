// SPDX-License-Identifier: GPL-2.0-only
//
// Workloads without a trace: one collective, or one message per rank. They are made by the same
// GraphBuilder as those of traces.
#pragma once

#include <cstdint>
#include <vector>

#include "replay/workload.h"

namespace ddlsim {

struct CollectiveWorkload {
  CollectiveType type = CollectiveType::kAllReduce;
  uint64_t size_bytes = 0;  // as in nccl-tests
  uint32_t root = 0;
  uint32_t repetitions = 1;  // one after another
};

// All ranks together. Throws InputError for a root outside the ranks.
Workload MakeCollectiveWorkload(uint32_t rank_count, const CollectiveWorkload& collective);

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
