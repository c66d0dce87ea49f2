// SPDX-License-Identifier: MIT
//
// What the first record of a file says about the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "traces/trace-reader.h"

namespace ddlsim {

// Version of this project's own attributes; files that state another one are refused.
constexpr uint32_t kOwnFormatVersion = 1;

struct FileMetadata {
  std::string schema_version;
  std::optional<CommSizeMeaning> comm_size_meaning;  // where the file states it (ddl_comm_size)
};

// Throws RecordError for what is malformed, or no metadata record.
FileMetadata DecodeMetadata(std::string_view record);

// "total", "per-rank": in manifests, metadata records and options.
const char* CommSizeName(CommSizeMeaning meaning);
std::optional<CommSizeMeaning> CommSizeFromName(std::string_view name);

}  // namespace ddlsim
