// SPDX-License-Identifier: MIT
//
// From the bytes of one record to what it means. Throws RecordError for anything that is malformed,
// unknown or impossible. docs/trace-format.md has the field and attribute tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "traces/execution-graph.h"
#include "traces/trace-reader.h"

namespace ddlsim {

// Version of this project's own attributes; files that state a later one are refused.
constexpr uint32_t kOwnFormatVersion = 1;

struct FileMetadata {
  std::string schema_version;
  std::optional<CommSizeMeaning> comm_size_meaning;  // where the file states it (ddl_comm_size)
};

FileMetadata DecodeMetadata(std::string_view record);

// Overwrites every field of `node`. A metadata node becomes a compute node of no duration.
void DecodeNode(std::string_view record, GraphNode& node);

// "total", "per-rank": in manifests, metadata records and options.
const char* CommSizeName(CommSizeMeaning meaning);
std::optional<CommSizeMeaning> CommSizeFromName(std::string_view name);

}  // namespace ddlsim
