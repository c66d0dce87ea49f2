// SPDX-License-Identifier: MIT
//
// From the bytes of one record to what the node means. docs/trace-format.md has the field and
// attribute tables.
#pragma once

#include <string_view>

#include "traces/execution-graph.h"

namespace ddlsim {

// Overwrites every field of `node`. A metadata node becomes a compute node of no duration. Throws
// RecordError for anything that is malformed, unknown or impossible.
void DecodeNode(std::string_view record, GraphNode& node);

}  // namespace ddlsim
