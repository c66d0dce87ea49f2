// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "traces/group-index.h"
#include "traces/trace-set.h"

namespace ddlsim {

// One JSON object on one line (without the line feed), with the fields that count for the node's
// type; docs/trace-format.md lists them. With a rank, peers, groups and sizes are resolved for it;
// without, they stand as in the file. Throws InputError where they cannot be resolved.
std::string NodeToJson(const GraphNode& node, const TraceSet& set, const GroupIndex& index,
                       std::optional<uint32_t> rank);

}  // namespace ddlsim
