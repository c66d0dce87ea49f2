// SPDX-License-Identifier: GPL-2.0-only
//
// Sizes by pair of an all_to_all whose members have unequal shares.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/execution-graph.h"

namespace ddlsim {

// n * n sizes in bytes, row = sender, as CollectiveSpec::pair_bytes, of a group of as many members
// as there are weights. Received shares: every member sends `size_bytes`. Sent ones: every member
// receives so much.
std::vector<uint64_t> PairBytesOf(uint64_t size_bytes, const MemberShares& shares);

}  // namespace ddlsim
