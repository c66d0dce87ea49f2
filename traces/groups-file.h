// SPDX-License-Identifier: MIT
//
// The communicator groups of a trace set of another tool: a JSON object {"<name>": [ranks]}.
#pragma once

#include <string>
#include <vector>

#include "traces/trace-writer.h"

namespace ddlsim {

// Each group becomes an axis with one list. Throws InputError (place PATH, with the line of a
// syntax error): no such object, a rank outside the set or twice in a group, an empty group, a name
// twice.
std::vector<GroupAxis> ReadGroupsFile(const std::string& path, uint32_t rank_count);

}  // namespace ddlsim
