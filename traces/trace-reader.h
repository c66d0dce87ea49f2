// SPDX-License-Identifier: MIT
//
// Streams one trace file (.et, plain or gzip). Memory is bounded by one record, whatever the file.
// Not safe for use by several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "traces/execution-graph.h"

namespace ddlsim {

// What comm_size of all_gather / reduce_scatter / all_to_all means in a file of another tool.
enum class CommSizeMeaning : uint8_t { kTotal, kPerRank };

class TraceReader {
 public:
  // Records longer than this are refused, so that a corrupt length cannot claim memory.
  static constexpr uint64_t kRecordSizeMaxBytes = 16u << 20;

  // Opens `path` and reads its metadata record. Throws InputError (place PATH).
  explicit TraceReader(const std::string& path);
  ~TraceReader();
  TraceReader(const TraceReader&) = delete;
  TraceReader& operator=(const TraceReader&) = delete;

  // Schema version that the metadata record states ("0.0.4"), possibly empty.
  const std::string& SchemaVersion() const;

  // Reads the next node into `node` (overwriting every field); false at the end of the file.
  // Metadata nodes are skipped. Throws InputError with place "PATH: record N (byte B)" for a
  // truncated or malformed record, an unknown node type or collective type, an impossible value.
  bool Next(GraphNode& node);

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace ddlsim
