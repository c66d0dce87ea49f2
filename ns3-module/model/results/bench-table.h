// SPDX-License-Identifier: GPL-2.0-only
//
// One collective over many sizes, in the columns of nccl-tests.
#pragma once

#include <string>
#include <vector>

#include "results/collective-table.h"

namespace ddlsim {

// A row per group, in the order in which the groups began, and the mean of the rows' bus bandwidth
// at the end. Comment lines begin with '#', as in nccl-tests; there is one pair of bandwidths,
// since nothing here depends on whether a collective works in place. Groups have the same
// collective.
std::string BenchTable(std::vector<CollectiveGroup> groups);

}  // namespace ddlsim
