// SPDX-License-Identifier: MIT
#include "traces/trace-info.h"

#include <algorithm>
#include <cstdio>

#include "base/input-error.h"
#include "traces/class-totals.h"
#include "traces/file-metadata.h"
#include "traces/group-index.h"
#include "traces/rank-list.h"

namespace ddlsim {
namespace {

constexpr size_t kRowsMax = 20;  // of classes and of groups; a page is meant to be read

std::string Scaled(uint64_t value, uint64_t base, const char* const* units, size_t unit_count) {
  double scaled = static_cast<double>(value);
  size_t unit = 0;
  while (scaled >= static_cast<double>(base) && unit + 1 < unit_count) {
    scaled /= static_cast<double>(base);
    ++unit;
  }
  char text[48];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.2f %s", scaled, units[unit]);
  return text;
}

std::string Bytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  return Scaled(bytes, 1024, kUnits, 7);
}

std::string Duration(uint64_t duration_ns) {
  static constexpr const char* kUnits[] = {"ns", "us", "ms", "s"};
  return Scaled(duration_ns, 1000, kUnits, 4);
}

std::string Plural(uint64_t count, const std::string& noun, const std::string& plural) {
  return std::to_string(count) + " " + (count == 1 ? noun : plural);
}

// Lines of cells, each column as wide as its widest cell; the first is left-aligned.
class Table {
 public:
  void Add(std::vector<std::string> row) { m_rows.push_back(std::move(row)); }

  std::string Format() const {
    std::vector<size_t> widths;
    for (const auto& row : m_rows) {
      widths.resize(std::max(widths.size(), row.size()));
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto& row : m_rows) {
      std::string line = " ";
      for (size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths[i] - row[i].size(), ' ');
        line += (i == 0 ? " " + row[i] + padding : "  " + padding + row[i]);
      }
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> m_rows;
};

ClassTotals SumFile(const TraceSet& set, const GroupIndex& index, const RankClass& rank_class) {
  ClassTotals totals;
  TraceReader reader(rank_class.file);
  GraphNode node;
  while (reader.Next(node)) {
    uint64_t size_bytes = node.size_bytes;
    if (node.type == NodeType::kCollective) {
      const auto member = index.FindOrThrow(node.group, rank_class.ranks.front());
      size_bytes = set.SizeBytes(node, member.group->size());
    }
    totals.Add(node, size_bytes);
  }
  return totals;
}

std::string FileName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string DescribeClasses(const TraceSet& set, const std::vector<ClassTotals>& totals) {
  Table table;
  table.Add({set.has_manifest ? "classes of ranks" : "files", "nodes", "compute", "ranks"});
  for (size_t i = 0; i < set.classes.size() && i < kRowsMax; ++i) {
    table.Add({"  " + Printable(FileName(set.classes[i].file)), std::to_string(totals[i].nodes),
               Duration(totals[i].compute_ns),
               Printable(FormatRankList(set.classes[i].ranks), 40)});
  }
  std::string text = table.Format();
  if (set.classes.size() > kRowsMax) {
    text += "    ... and " + std::to_string(set.classes.size() - kRowsMax) + " more\n";
  }
  return text;
}

std::string DescribeGroups(const TraceSet& set) {
  std::string text = "  groups\n    all ranks: " + std::to_string(set.rank_count) + "\n";
  for (size_t i = 0; i < set.axes.size() && i < kRowsMax; ++i) {
    const auto& groups = set.axes[i].groups;
    std::string lists;
    for (const std::string& list : FormatGroups(groups)) lists += (lists.empty() ? "" : " ") + list;
    text += "    " + Printable(set.axes[i].name) + ": " + Plural(groups.size(), "group", "groups") +
            " of " + (groups.empty() ? "0" : std::to_string(groups.front().size())) + ": " +
            Printable(lists, 60) + "\n";
  }
  if (set.axes.size() > kRowsMax) {
    text += "    ... and " + std::to_string(set.axes.size() - kRowsMax) + " more\n";
  }
  return text;
}

std::string DescribeNodes(const ClassTotals& files, const ClassTotals& ranks) {
  Table table;
  table.Add({"nodes", "in the files", "over all ranks"});
  const auto add = [&](const char* name, uint64_t ClassTotals::*count) {
    if (ranks.*count == 0) return;
    table.Add({name, std::to_string(files.*count), std::to_string(ranks.*count)});
  };
  add("  compute", &ClassTotals::compute_nodes);
  add("  memory", &ClassTotals::memory_nodes);
  add("  send", &ClassTotals::send_nodes);
  add("  receive", &ClassTotals::receive_nodes);
  add("  collective", &ClassTotals::collective_nodes);
  add("  all", &ClassTotals::nodes);
  return table.Format();
}

std::string DescribeCommunication(const ClassTotals& ranks) {
  Table table;
  table.Add({"communication, over all ranks", "calls", "bytes"});
  if (ranks.send_nodes != 0) {
    table.Add({"  send", std::to_string(ranks.send_nodes), Bytes(ranks.send_bytes)});
  }
  for (size_t type = 0; type < kCollectiveTypeCount; ++type) {
    if (ranks.collectives[type] == 0) continue;
    table.Add({std::string("  ") + CollectiveName(static_cast<CollectiveType>(type)),
               std::to_string(ranks.collectives[type]), Bytes(ranks.collective_bytes[type])});
  }
  return table.Format();
}

std::string DescribeCompute(const std::vector<ClassTotals>& totals, const ClassTotals& ranks) {
  uint64_t low_ns = UINT64_MAX;
  uint64_t high_ns = 0;
  for (const ClassTotals& each : totals) {
    low_ns = std::min(low_ns, each.compute_ns);
    high_ns = std::max(high_ns, each.compute_ns);
  }
  std::string text = "  compute time of a rank: " + Duration(low_ns);
  if (high_ns != low_ns) text += " to " + Duration(high_ns);
  if (ranks.unknown_durations != 0) {
    text += ", and " + Plural(ranks.unknown_durations, "node", "nodes") + " without a duration";
  }
  return text + "\n";
}

}  // namespace

std::string DescribeTraceSet(const TraceSet& set) {
  const GroupIndex index(set);
  std::vector<ClassTotals> totals;
  ClassTotals files;
  ClassTotals ranks;
  for (const RankClass& rank_class : set.classes) {
    totals.push_back(SumFile(set, index, rank_class));
    files.Add(totals.back());
    ranks.Add(totals.back(), rank_class.ranks.size());
  }
  std::string text = Printable(set.path, 200) + ": " + Plural(set.rank_count, "rank", "ranks") +
                     " in " + Plural(set.classes.size(), "file", "files") + "\n";
  if (set.has_manifest) {
    text += "  generated by " + Printable(set.generator_command, 200) + ", seed " +
            std::to_string(set.seed) + "\n";
    if (set.description_json != "{}")
      text += "  about " + Printable(set.description_json, 400) + "\n";
  }
  text += std::string("  comm_size means ") + CommSizeName(set.comm_size_meaning) + "\n";
  text += DescribeClasses(set, totals) + DescribeGroups(set) + DescribeNodes(files, ranks);
  if (ranks.send_nodes + ranks.collective_nodes != 0) text += DescribeCommunication(ranks);
  return text + DescribeCompute(totals, ranks);
}

}  // namespace ddlsim
