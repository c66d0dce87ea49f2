// SPDX-License-Identifier: MIT
//
// Bytes of an all_to_all with unequal shares.
#pragma once

#include <cstdint>
#include <vector>

namespace ddlsim {

// Cuts `size_bytes` (up to kSizeMaxBytes) in proportion to the weights (up to kShareWeightMax each,
// of up to kRankCountMax members, not all zero): part j ends at the byte size x (w0 + ... + wj) /
// sum, rounded down. So parts are whole bytes, their sum is the size, and every reader makes the
// same ones.
std::vector<uint64_t> CutByShares(uint64_t size_bytes, const std::vector<uint64_t>& weights);

// What is wrong with weights by themselves; null: nothing.
const char* ShareProblem(const std::vector<uint64_t>& weights);

}  // namespace ddlsim
