// SPDX-License-Identifier: MIT
//
// Streams one trace file (.et, plain or gzip). Memory is bounded by one record, whatever the file.
// Not safe for use by several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "traces/execution-graph.h"

namespace ddlsim {

// What comm_size of all_gather, reduce_scatter, all_to_all, gather and scatter means in a file: the
// size as in nccl-tests (execution-graph.h), or the share of it that is one rank's, which is that
// size divided by the ranks of the group. The sizes of the other collectives do not differ.
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

  // What comm_size means, where the file itself states it; files of other tools do not.
  std::optional<CommSizeMeaning> StatedCommSizeMeaning() const;

  // Reads the next node into `node` (overwriting every field); false at the end of the file.
  // Metadata nodes come as compute nodes of no duration and class "metadata", so that dependencies
  // through them hold. `size_bytes` is the file's own figure: see TraceSet::SizeBytes. Throws
  // InputError with place "PATH: record N (byte B)" for a truncated or malformed record, an unknown
  // node type or collective type, an impossible value. The reader is of no further use after that.
  bool Next(GraphNode& node);

  // "PATH: record N (byte B)" of the node that Next() returned last, for messages. Records count
  // from 1, which is the metadata; bytes from 0, after decompression.
  std::string Place() const;

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace ddlsim
