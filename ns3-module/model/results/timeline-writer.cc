// SPDX-License-Identifier: GPL-2.0-only
#include "results/timeline-writer.h"

#include <algorithm>

#include "results/collective-figures.h"
#include "results/decimal-text.h"
#include "results/escaped-text.h"

namespace ddlsim {
namespace {

// Process 0 stands for the idle task in the tools that read the format.
constexpr uint64_t kCollectiveProcess = 1;
constexpr uint64_t kFirstRankProcess = 2;
constexpr const char* kRowNames[] = {"compute", "memory", "communication"};

}  // namespace

TimelineWriter::TimelineWriter(ResultFolder& folder, uint32_t rank_count, uint32_t ranks_max)
    : m_file(folder.Open("timeline.json")) {
  if (ranks_max > 0) {
    m_rank_stride = static_cast<uint32_t>((uint64_t{rank_count} + ranks_max - 1) / ranks_max);
    m_rank_stride = std::max<uint32_t>(m_rank_stride, 1);
  }
  m_file.Append("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
  m_file.SetTrailer("\n]}\n");
}

void TimelineWriter::OnOperation(const OperationRecord& record) {
  if (!IsShown(record.rank)) return;
  const uint64_t process = kFirstRankProcess + record.rank;
  Track& track = TrackOf(process, "rank " + std::to_string(record.rank));
  Row row = kCommunicationRow;
  if (record.type == NodeType::kCompute) row = kComputeRow;
  if (record.type == NodeType::kMemoryLoad || record.type == NodeType::kMemoryStore) {
    row = kMemoryRow;
  }
  const uint64_t thread = LaneOf(track, process, row, record.start_ps, record.end_ps);
  static const std::string kNoName;
  BeginEvent(record.name != nullptr ? *record.name : kNoName, NodeTypeName(record.type), process,
             thread, record.start_ps, record.end_ps);
  AppendNumber("\"node_id\":", record.node_id);
  if (row != kComputeRow) AppendNumber(",\"size_bytes\":", record.size_bytes);
  if (record.type == NodeType::kCollective) {
    m_file.Append(",\"collective\":");
    AppendJsonString(m_file, CollectiveName(record.collective));
  }
  m_file.Append(",\"wait_ns\":" + NsText(record.start_ps - record.issue_ps) + "}}");
}

void TimelineWriter::OnCollective(const CollectiveRecord& record) {
  const CollectiveSpec& spec = record.spec;
  Track& track = TrackOf(kCollectiveProcess, "collectives, first rank to last rank");
  const uint64_t thread =
      LaneOf(track, kCollectiveProcess, kCommunicationRow, record.start_ps, record.end_ps);
  BeginEvent(record.name, OperationName(spec), kCollectiveProcess, thread, record.start_ps,
             record.end_ps);
  AppendNumber("\"size_bytes\":", spec.size_bytes);
  m_file.Append(",\"algorithm\":");
  AppendJsonString(m_file, AlgorithmName(spec.algorithm));
  m_file.Append(",\"group\":");
  AppendJsonString(m_file, record.group);
  AppendNumber(",\"first_rank\":", record.first_rank);
  AppendNumber(",\"ranks\":", spec.rank_count);
  if (HasBandwidth(spec, TimePs(record))) {
    m_file.Append(",\"busbw_gbytes_per_s\":" + FixedText(BusBandwidth(spec, TimePs(record)), 4));
  }
  m_file.Append(",\"bound_ns\":" + NsText(record.bound_ps) + "}}");
}

TimelineWriter::Track& TimelineWriter::TrackOf(uint64_t process, const std::string& name) {
  const auto found = m_tracks.find(process);
  if (found != m_tracks.end()) return found->second;
  WriteMetadata("process_name", process, 0, "name", JsonString(name));
  WriteMetadata("process_sort_index", process, 0, "sort_index", std::to_string(process));
  return m_tracks[process];
}

uint64_t TimelineWriter::LaneOf(Track& track, uint64_t process, Row row, uint64_t start_ps,
                                uint64_t end_ps) {
  LaneAssigner& lanes = track.rows[row];
  const uint32_t known = lanes.LaneCount();
  const uint32_t lane = lanes.Assign(start_ps, end_ps);
  const uint64_t thread = uint64_t{lane} * kRowCount + row + 1;
  if (lane == known) {
    std::string name = kRowNames[row];
    if (lane > 0) name += " " + std::to_string(lane + 1);
    WriteMetadata("thread_name", process, thread, "name", JsonString(name));
    // All rows of one kind together.
    WriteMetadata("thread_sort_index", process, thread, "sort_index",
                  std::to_string(row * uint64_t{1000000} + lane));
  }
  return thread;
}

void TimelineWriter::WriteMetadata(const char* kind, uint64_t process, uint64_t thread,
                                   const char* argument, const std::string& json) {
  m_file.Reserve(ResultFile::kReserveMax);
  if (m_has_events) m_file.Append(",\n");
  m_has_events = true;
  m_file.Append(
      std::string("{\"name\":\"") + kind + "\",\"ph\":\"M\",\"pid\":" + std::to_string(process) +
      ",\"tid\":" + std::to_string(thread) + ",\"args\":{\"" + argument + "\":" + json + "}}");
}

void TimelineWriter::BeginEvent(const std::string& name, const char* category, uint64_t process,
                                uint64_t thread, uint64_t start_ps, uint64_t end_ps) {
  m_file.Reserve(ResultFile::kReserveMax);
  m_file.Append(",\n{\"name\":");
  AppendJsonString(m_file, name);
  m_file.Append(",\"cat\":");
  AppendJsonString(m_file, category);
  AppendNumber(",\"ph\":\"X\",\"pid\":", process);
  AppendNumber(",\"tid\":", thread);
  char text[2 * kNumberTextMax];
  m_file.Append(",\"ts\":");
  m_file.Append({text, static_cast<size_t>(WritePsAsUs(text, start_ps) - text)});
  m_file.Append(",\"dur\":");
  m_file.Append({text, static_cast<size_t>(WritePsAsUs(text, end_ps - start_ps) - text)});
  m_file.Append(",\"args\":{");
}

void TimelineWriter::AppendNumber(const char* key, uint64_t value) {
  char text[kNumberTextMax];
  m_file.Append(key);
  m_file.Append({text, static_cast<size_t>(WriteUint(text, value) - text)});
}

}  // namespace ddlsim
