// SPDX-License-Identifier: MIT
//
// From nodes to records, framing included. The same node always gives the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "traces/execution-graph.h"
#include "traces/trace-reader.h"

namespace ddlsim {

// Each appends one record (varint length, message) to `out`.
void AppendMetadata(CommSizeMeaning meaning, std::string& out);
// `own_rank`, where one rank alone has the file, is written as the own end of sends and receives.
// Throws std::logic_error for a node that breaks a limit of execution-graph.h or is not UTF-8.
void AppendNode(const GraphNode& node, std::optional<uint32_t> own_rank, std::string& out);

}  // namespace ddlsim
