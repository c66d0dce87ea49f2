// SPDX-License-Identifier: MIT
#include "traces/file-metadata.h"

#include "traces/attribute-value.h"
#include "traces/wire-cursor.h"

namespace ddlsim {

FileMetadata DecodeMetadata(std::string_view record) {
  FileMetadata metadata;
  WireCursor cursor(record);
  while (!cursor.AtEnd()) {
    cursor.ReadTag();
    if (cursor.Field() == 1) {
      metadata.schema_version = cursor.ReadBytes();
    } else if (cursor.Field() == 2) {
      std::string_view name;
      const AttributeValue value = AttributeValue::Parse(cursor.ReadBytes(), name);
      if (name == "ddl_format" && value.Unsigned("ddl_format", UINT64_MAX) != kOwnFormatVersion) {
        throw RecordError("format version " + value.Text("ddl_format") + " is unknown",
                          "use a later ddlsim; this one reads version 1");
      }
      if (name == "ddl_comm_size") {
        metadata.comm_size_meaning = CommSizeFromName(value.Text("ddl_comm_size"));
        if (!metadata.comm_size_meaning) {
          throw RecordError("attribute ddl_comm_size is neither total nor per-rank");
        }
      }
    } else {
      throw RecordError("the first record is no metadata record",
                        "give a Chakra execution trace of schema 0.0.4");
    }
  }
  if (!IsUtf8(metadata.schema_version)) throw RecordError("the schema version is not UTF-8 text");
  return metadata;
}

const char* CommSizeName(CommSizeMeaning meaning) {
  return meaning == CommSizeMeaning::kTotal ? "total" : "per-rank";
}

std::optional<CommSizeMeaning> CommSizeFromName(std::string_view name) {
  if (name == "total") return CommSizeMeaning::kTotal;
  if (name == "per-rank") return CommSizeMeaning::kPerRank;
  return std::nullopt;
}

}  // namespace ddlsim
