// SPDX-License-Identifier: MIT
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>

#include "base/input-error.h"
#include "workload-gen/describe/description.h"
#include "workload-gen/describe/summary.h"
#include "workload-gen/memory/memory-text.h"
#include "workload-gen/numbers/number-text.h"

namespace ddlsim {
namespace {

// The rank class whose ranks compute longest.
size_t BusiestOf(const std::vector<ClassTables>& tables) {
  size_t busiest = 0;
  for (size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].DurationNs() > tables[busiest].DurationNs()) busiest = i;
  }
  return busiest;
}

std::string RankText(const NodeSource& source, size_t rank_class) {
  std::string text = absl::StrCat("rank ", source.set.classes[rank_class].ranks.front());
  if (source.workload && source.workload->StageCount() > 1) {
    const RankGrid grid = DenseGrid(source.workload->options.parallelism);
    const uint32_t rank = source.set.classes[rank_class].ranks.front();
    absl::StrAppend(&text, " (stage ", grid.Coordinate(rank, "pp"), ")");
  }
  return text;
}

std::string OperationText(const ClassTables& tables, const std::string& whose) {
  std::string text = absl::StrCat("\noperations of ", whose, ", which computes longest\n");
  absl::StrAppendFormat(&text, "  %-14s%10s%14s%14s%14s%10s\n", "class", "count", "FLOP", "bytes",
                        "time", "share");
  const auto whole = static_cast<double>(tables.DurationNs());
  for (const auto& [name, totals] : tables.operations) {
    const auto time = static_cast<double>(totals.duration_ns);
    absl::StrAppendFormat(
        &text, "  %-14s%10s%14s%14s%14s%10s\n", Printable(name, 14), GroupedText(totals.count),
        ScaledText(static_cast<double>(totals.operations)),
        ScaledText(static_cast<double>(totals.memory_bytes)), MillisecondsText(totals.duration_ns),
        whole > 0 ? PercentText(time / whole) : "");
  }
  return text;
}

std::string ExchangeText(const NodeSource& source, const std::vector<ClassTables>& tables,
                         size_t rank_class) {
  std::map<std::pair<std::string, std::string>, ExchangeTotals> all;
  for (size_t i = 0; i < tables.size(); ++i) {
    const uint64_t ranks = source.set.classes[i].ranks.size();
    for (const auto& [key, totals] : tables[i].exchanges) {
      all[key].calls += ranks * totals.calls;
      all[key].size_bytes =
          SaturatingAdd(all[key].size_bytes, SaturatingMultiply(ranks, totals.size_bytes));
    }
  }
  if (all.empty()) return "\nexchanged: nothing\n";
  std::string text = absl::StrCat("\nexchanged\n");
  absl::StrAppendFormat(&text, "  %-12s%-16s%12s%14s%14s%14s\n", "group", "what", "calls", "bytes",
                        "calls", "bytes");
  absl::StrAppendFormat(&text, "  %-28s%26s%28s\n", "", "of " + RankText(source, rank_class),
                        "of all ranks");
  const ClassTables& own = tables[rank_class];
  for (const auto& [key, totals] : all) {
    const auto found = own.exchanges.find(key);
    const ExchangeTotals mine = found == own.exchanges.end() ? ExchangeTotals{} : found->second;
    absl::StrAppendFormat(&text, "  %-12s%-16s%12s%14s%14s%14s\n",
                          key.first.empty() ? "(all ranks)" : Printable(key.first, 11), key.second,
                          GroupedText(mine.calls), ScaledText(static_cast<double>(mine.size_bytes)),
                          GroupedText(totals.calls),
                          ScaledText(static_cast<double>(totals.size_bytes)));
  }
  return text;
}

std::string PathText(const Description& description) {
  std::string text = absl::StrCat("\ncritical path, which no network can shorten: ",
                                  MillisecondsText(description.critical_path_ns), "\n");
  for (const PathShare& share : description.critical_path) {
    const double part = description.critical_path_ns == 0
                            ? 0
                            : static_cast<double>(share.duration_ns) /
                                  static_cast<double>(description.critical_path_ns);
    absl::StrAppendFormat(&text, "  %-14s%10s%14s%10s\n", Printable(share.operation_class, 14),
                          GroupedText(share.count), MillisecondsText(share.duration_ns),
                          PercentText(part));
  }
  absl::StrAppend(&text, "  on it lie ", GroupedText(description.critical_collectives),
                  " collectives and ", GroupedText(description.critical_messages),
                  " messages, which take no time here\n");
  if (description.unknown_durations > 0) {
    absl::StrAppend(&text, "  ", GroupedText(description.unknown_durations),
                    " operations state no duration and count as none: their time is known on a GPU "
                    "only, when they are replayed\n");
  }
  return text;
}

}  // namespace

std::string DescriptionText(const NodeSource& source, const Description& description,
                            uint32_t width) {
  std::string text;
  const std::string where = source.set.path.empty() ? "not written" : source.set.path;
  if (source.workload) {
    text = Summarize(*source.workload, CountWorkload(*source.workload), Printable(where, 200));
  } else {
    text = absl::StrCat(Printable(where, 200), ": ", GroupedText(source.set.rank_count),
                        " ranks in ", source.set.classes.size(), " files\n");
  }
  const size_t busiest = BusiestOf(description.tables);
  text += OperationText(description.tables[busiest], RankText(source, busiest));
  text += ExchangeText(source, description.tables, busiest);
  text += PathText(description);
  if (!source.workload) {
    absl::StrAppend(&text, "\nnot known: the plan, the memory and the passes; ",
                    Printable(source.workload_note, 300), "\n");
    return text;
  }
  absl::StrAppend(&text, "\nmemory of one GPU\n", MemoryTable(*description.memory));
  absl::StrAppend(&text, "\nthe first iteration, on a network that costs nothing\n",
                  PipelineDiagram(description.passes, width));
  return text;
}

}  // namespace ddlsim
