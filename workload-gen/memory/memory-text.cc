// SPDX-License-Identifier: MIT
#include "workload-gen/memory/memory-text.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>

#include "workload-gen/numbers/number-text.h"

namespace ddlsim {
namespace {

constexpr size_t kStageColumnsMax = 12;

std::string Gigabytes(uint64_t size_bytes) {
  return absl::StrFormat("%.2f GB", static_cast<double>(size_bytes) / 1e9);
}

std::string NameOf(size_t kind) {
  std::string name = MemoryKindName(static_cast<MemoryKind>(kind));
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

// "parameters 0.50, activations 3.20": the largest first.
std::string Shares(const MemoryUse& use) {
  std::vector<size_t> kinds;
  for (size_t kind = 0; kind < kMemoryKindCount; ++kind) {
    if (use.bytes[kind] > 0) kinds.push_back(kind);
  }
  std::stable_sort(kinds.begin(), kinds.end(),
                   [&](size_t a, size_t b) { return use.bytes[a] > use.bytes[b]; });
  std::vector<std::string> parts;
  parts.reserve(kinds.size());
  for (size_t kind : kinds) {
    parts.push_back(
        absl::StrFormat("%s %.2f", NameOf(kind), static_cast<double>(use.bytes[kind]) / 1e9));
  }
  return absl::StrJoin(parts, ", ");
}

std::string RemedyText(const MemoryRemedy& remedy, uint32_t ranks) {
  std::string text = absl::StrJoin(remedy.options, " ");
  absl::StrAppend(&text, " (peak ", Gigabytes(remedy.peak_bytes));
  if (remedy.rank_count != ranks) absl::StrAppend(&text, " on ", remedy.rank_count, " ranks");
  return text + ")";
}

}  // namespace

std::vector<std::pair<const char*, std::string>> MemoryLines(const MemoryVerdict& verdict,
                                                             const MemoryAdvice& advice,
                                                             const std::string& gpu) {
  const StageMemory& fullest = verdict.stages[verdict.fullest];
  std::string text = absl::StrCat("peak ", Gigabytes(verdict.PeakBytes()), " per GPU");
  if (verdict.stages.size() > 1) absl::StrAppend(&text, " of stage ", verdict.fullest);
  absl::StrAppend(&text, verdict.Fits() ? ", which fits into the " : ", which exceeds the ",
                  Gigabytes(verdict.capacity_bytes), " of ", gpu);
  if (!verdict.Fits()) text += ": this could not run as is";
  std::vector<std::pair<const char*, std::string>> lines = {{"memory", text},
                                                            {"", Shares(fullest.peak)}};
  if (verdict.Fits()) return lines;
  const uint32_t ranks = advice.rank_count;
  const char* label = "would fit with";
  for (const MemoryRemedy& remedy : advice.single) {
    lines.emplace_back(label, RemedyText(remedy, ranks));
    label = "or";
  }
  if (advice.together) {
    lines.emplace_back(label, RemedyText(*advice.together, ranks));
  } else if (advice.single.empty()) {
    std::string best =
        "neither a higher --zero, shorter parameters, smaller micro-batches, "
        "--recompute=full, more --tp or more --pp makes it fit";
    if (advice.best_found) {
      absl::StrAppend(&best, "; least: ", RemedyText(*advice.best_found, ranks));
    }
    lines.emplace_back("", best);
  }
  return lines;
}

std::string MemoryTable(const MemoryVerdict& verdict) {
  const size_t columns = std::min(verdict.stages.size(), kStageColumnsMax);
  std::string text = absl::StrFormat("  %-16s", "GB at the peak");
  for (size_t stage = 0; stage < columns; ++stage) {
    text += absl::StrFormat("%10s", absl::StrCat("stage ", stage));
  }
  text += '\n';
  const auto add_row = [&](const std::string& name, auto&& bytes_of) {
    text += absl::StrFormat("  %-16s", name);
    for (size_t stage = 0; stage < columns; ++stage) {
      text += absl::StrFormat("%10.3f", static_cast<double>(bytes_of(verdict.stages[stage])) / 1e9);
    }
    text += '\n';
  };
  for (size_t kind = 0; kind < kMemoryKindCount; ++kind) {
    const bool is_used =
        std::any_of(verdict.stages.begin(), verdict.stages.end(),
                    [kind](const StageMemory& stage) { return stage.peak.bytes[kind] > 0; });
    if (is_used)
      add_row(NameOf(kind), [kind](const auto& stage) { return stage.peak.bytes[kind]; });
  }
  add_row("together", [](const StageMemory& stage) { return stage.peak.Total(); });
  add_row("capacity", [&](const StageMemory&) { return verdict.capacity_bytes; });
  text += absl::StrFormat("  %-16s", "micro-batches");
  for (size_t stage = 0; stage < columns; ++stage) {
    text += absl::StrFormat("%10d", verdict.stages[stage].held_most);
  }
  text += '\n';
  if (columns < verdict.stages.size()) {
    absl::StrAppend(&text, "  ... and ", verdict.stages.size() - columns, " more stages\n");
  }
  return text;
}

nlohmann::ordered_json MemoryJson(const MemoryVerdict& verdict) {
  nlohmann::ordered_json json;
  json["capacity_bytes"] = verdict.capacity_bytes;
  json["fits"] = verdict.Fits();
  for (const StageMemory& stage : verdict.stages) {
    nlohmann::ordered_json entry;
    entry["peak_bytes"] = stage.peak.Total();
    for (size_t kind = 0; kind < kMemoryKindCount; ++kind) {
      entry[absl::StrCat(MemoryKindName(static_cast<MemoryKind>(kind)), "_bytes")] =
          stage.peak.bytes[kind];
    }
    entry["micro_batches_held"] = stage.held_most;
    json["stages"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace ddlsim
