// SPDX-License-Identifier: MIT
#pragma once

#include "traces/class-scan.h"

namespace ddlsim {

// All members of a group issue the same collectives (type, size, root) in the same order, which is
// that of their files; every rank that issues one is in a group; roots lie within their group.
// Throws InputError (place: the set's path) that names group, ranks and the first difference.
void CheckCollectives(const TraceSet& set, const GroupIndex& index, const SetScan& scan);

}  // namespace ddlsim
