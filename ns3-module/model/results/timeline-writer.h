// SPDX-License-Identifier: GPL-2.0-only
//
// timeline.json: what ran when, in the Chrome trace event format (JSON object form), which the
// Perfetto UI opens. Format: "Trace Event Format", Google, 2016.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "endpoint/collective-record.h"
#include "replay/operation-record.h"
#include "results/lane-assigner.h"
#include "results/result-folder.h"

namespace ddlsim {

// A process per rank with the rows "compute", "memory" and "communication" (more of each where
// several run at once), and one process for the collectives as a whole. Times are microseconds,
// exact. The file is valid JSON whenever it is closed.
class TimelineWriter final : public OperationObserver, public CollectiveObserver {
 public:
  // Of a large run, at most `ranks_max` ranks evenly spread are shown: viewers give up above some
  // GB. 0: the collectives alone.
  TimelineWriter(ResultFolder& folder, uint32_t rank_count, uint32_t ranks_max);
  void OnOperation(const OperationRecord& record) override;
  void OnCollective(const CollectiveRecord& record) override;

  bool IsShown(uint32_t rank) const { return m_rank_stride > 0 && rank % m_rank_stride == 0; }

 private:
  enum Row : uint32_t { kComputeRow, kMemoryRow, kCommunicationRow, kRowCount };
  // One process of the format.
  struct Track {
    std::array<LaneAssigner, kRowCount> rows;
  };

  Track& TrackOf(uint64_t process, const std::string& name);
  uint64_t LaneOf(Track& track, uint64_t process, Row row, uint64_t start_ps, uint64_t end_ps);
  void WriteMetadata(const char* kind, uint64_t process, uint64_t thread, const char* argument,
                     const std::string& json);
  // The event up to its arguments; the caller appends "key":value pairs and "}}".
  void BeginEvent(const std::string& name, const char* category, uint64_t process, uint64_t thread,
                  uint64_t start_ps, uint64_t end_ps);
  void AppendNumber(const char* key, uint64_t value);

  ResultFile& m_file;
  uint32_t m_rank_stride = 0;
  bool m_has_events = false;
  std::map<uint64_t, Track> m_tracks;
};

}  // namespace ddlsim
