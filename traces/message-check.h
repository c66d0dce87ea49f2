// SPDX-License-Identifier: MIT
#pragma once

#include "traces/class-scan.h"

namespace ddlsim {

// For every pair of ranks: what one sends to the other, by tag and size, is what the other receives
// from it. Peers are resolved per rank, nodes are not: the cost is ranks times different peers.
// Throws InputError (place: the set's path) that names ranks, tag and sizes.
void CheckMessages(const TraceSet& set, const GroupIndex& index, const SetScan& scan);

}  // namespace ddlsim
