// SPDX-License-Identifier: MIT
//
// The tables of a description as CSV; units end the names of columns.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_replace.h>

#include <deque>

#include "traces/output-file.h"
#include "workload-gen/describe/description.h"

namespace ddlsim {
namespace {

// Names of other tools may hold commas and quotes.
std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == text.npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string OperationsCsv(const Description& description) {
  std::string text =
      "rank_class,operation_class,count,operations_flop,memory_bytes,duration_ns,"
      "without_duration\n";
  for (size_t i = 0; i < description.tables.size(); ++i) {
    for (const auto& [name, totals] : description.tables[i].operations) {
      absl::StrAppend(&text, i, ",", Quoted(name), ",", totals.count, ",", totals.operations, ",",
                      totals.memory_bytes, ",", totals.duration_ns, ",", totals.without_duration,
                      "\n");
    }
  }
  return text;
}

std::string ExchangesCsv(const Description& description) {
  std::string text = "rank_class,group,what,calls,size_bytes\n";
  for (size_t i = 0; i < description.tables.size(); ++i) {
    for (const auto& [key, totals] : description.tables[i].exchanges) {
      absl::StrAppend(&text, i, ",", Quoted(key.first), ",", key.second, ",", totals.calls, ",",
                      totals.size_bytes, "\n");
    }
  }
  return text;
}

std::string ClassesCsv(const NodeSource& source, const Description& description) {
  std::string text = "rank_class,first_rank,ranks,nodes,compute_ns\n";
  for (size_t i = 0; i < description.tables.size(); ++i) {
    const RankClass& each = source.set.classes[i];
    absl::StrAppend(&text, i, ",", each.ranks.front(), ",", each.ranks.size(), ",",
                    description.tables[i].nodes, ",", description.tables[i].DurationNs(), "\n");
  }
  return text;
}

std::string CriticalPathCsv(const Description& description) {
  std::string text = "operation_class,count,duration_ns\n";
  for (const PathShare& share : description.critical_path) {
    absl::StrAppend(&text, Quoted(share.operation_class), ",", share.count, ",", share.duration_ns,
                    "\n");
  }
  return text;
}

std::string PassesCsv(const Description& description) {
  std::string text = "stage,iteration,micro_batch,pass,begin_ns,end_ns\n";
  for (const PassSpan& span : description.passes) {
    const char* name = span.pass.kind == 'F'   ? "forward"
                       : span.pass.kind == 'B' ? "backward"
                       : span.pass.kind == 'W' ? "backward_weights"
                                               : "optimizer";
    absl::StrAppend(&text, span.stage, ",", span.pass.iteration, ",", span.pass.micro_batch, ",",
                    name, ",", span.begin_ns, ",", span.end_ns, "\n");
  }
  return text;
}

std::string KindColumns() {
  std::string text;
  for (size_t kind = 0; kind < kMemoryKindCount; ++kind) {
    absl::StrAppend(&text, MemoryKindName(static_cast<MemoryKind>(kind)), "_bytes,");
  }
  return text;
}

std::string KindValues(const MemoryUse& use) {
  std::string text;
  for (const int64_t bytes : use.bytes) absl::StrAppend(&text, bytes, ",");
  return text;
}

std::string MemoryCsv(const MemoryVerdict& verdict) {
  std::string text =
      absl::StrCat("stage,", KindColumns(), "peak_bytes,capacity_bytes,micro_batches_held\n");
  for (size_t stage = 0; stage < verdict.stages.size(); ++stage) {
    const StageMemory& memory = verdict.stages[stage];
    absl::StrAppend(&text, stage, ",", KindValues(memory.peak), memory.peak.Total(), ",",
                    verdict.capacity_bytes, ",", memory.held_most, "\n");
  }
  return text;
}

std::string MemoryCourseCsv(const Description& description) {
  std::string text = absl::StrCat("stage,time_ns,", KindColumns(), "total_bytes\n");
  for (const MemoryMoment& moment : description.memory_course) {
    absl::StrAppend(&text, moment.stage, ",", moment.time_ns, ",", KindValues(moment.use),
                    moment.use.Total(), "\n");
  }
  return text;
}

}  // namespace

void WriteDescription(const NodeSource& source, const Description& description,
                      const std::string& folder) {
  CreateFolder(folder);
  std::deque<OutputFile> files;
  const auto write = [&](const char* name, const std::string& text) {
    files.emplace_back(folder + "/" + name).Write(text);
  };
  write("rank_classes.csv", ClassesCsv(source, description));
  write("operations.csv", OperationsCsv(description));
  write("exchanges.csv", ExchangesCsv(description));
  write("critical_path.csv", CriticalPathCsv(description));
  if (source.workload) {
    write("passes.csv", PassesCsv(description));
    write("memory.csv", MemoryCsv(*description.memory));
    write("memory_over_time.csv", MemoryCourseCsv(description));
  }
  for (OutputFile& file : files) file.Close();
  for (OutputFile& file : files) file.Commit();
}

}  // namespace ddlsim
