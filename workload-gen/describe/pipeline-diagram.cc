// SPDX-License-Identifier: MIT
#include "workload-gen/describe/pipeline-diagram.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <utility>

#include "workload-gen/numbers/number-text.h"

namespace ddlsim {
namespace {

constexpr size_t kRowsMax = 64;

uint64_t ColumnOf(uint64_t time_ns, uint64_t total_ns, uint32_t width) {
  const unsigned __int128 scaled = static_cast<unsigned __int128>(time_ns) * width;
  return static_cast<uint64_t>(scaled / total_ns);
}

void Draw(const PassSpan& span, uint64_t total_ns, std::string& row) {
  const auto width = static_cast<uint32_t>(row.size());
  const uint64_t begin = std::min<uint64_t>(ColumnOf(span.begin_ns, total_ns, width), width - 1);
  // What is shorter than a column shows too, unless another pass does there.
  const uint64_t end =
      std::min<uint64_t>(width, std::max(begin + 1, ColumnOf(span.end_ns, total_ns, width)));
  std::string label(1, span.pass.kind);
  if (span.pass.kind != 'O') absl::StrAppend(&label, span.pass.micro_batch);
  if (label.size() > end - begin) label.resize(1);
  const char small = static_cast<char>(std::tolower(span.pass.kind));
  label.append(end - begin - label.size(), small);
  if (end == begin + 1 && row[begin] != '.') return;
  row.replace(begin, end - begin, label);
}

}  // namespace

std::vector<PassSpan> FindPasses(const ClassGraph& graph, const IdealRun& run,
                                 const std::vector<uint32_t>& shown) {
  std::vector<std::vector<PassSpan>> by_stage(shown.size());
  std::map<uint32_t, uint32_t> stage_of;
  for (uint32_t stage = 0; stage < shown.size(); ++stage) stage_of[shown[stage]] = stage;
  for (size_t i = 0; i < graph.Nodes().size(); ++i) {
    const ClassGraph::Node& node = graph.Nodes()[i];
    const auto stage = stage_of.find(node.rank_class);
    if (node.pass.kind == 0 || stage == stage_of.end()) continue;
    std::vector<PassSpan>& spans = by_stage[stage->second];
    if (spans.empty() || !(spans.back().pass == node.pass)) {
      spans.push_back({node.pass, stage->second, run.begin_ns[i], 0, {}});
    }
    spans.back().end_ns = run.end_ns[i];
    if (node.pass.is_later_piece) continue;  // as one kernel, also in what is held in memory
    spans.back().kernel_begin_ns.push_back(run.begin_ns[i]);
  }
  std::vector<PassSpan> spans;
  for (std::vector<PassSpan>& own : by_stage) {
    std::move(own.begin(), own.end(), std::back_inserter(spans));
  }
  return spans;
}

std::string PipelineDiagram(const std::vector<PassSpan>& passes, uint32_t width) {
  std::map<uint32_t, std::string> rows;
  std::map<uint32_t, uint64_t> busy_ns;
  uint64_t total_ns = 0;
  for (const PassSpan& span : passes) {
    if (span.pass.iteration == 0) total_ns = std::max(total_ns, span.end_ns);
  }
  if (total_ns == 0) return "";
  for (const PassSpan& span : passes) {
    if (span.pass.iteration != 0) continue;
    std::string& row = rows.try_emplace(span.stage, width, '.').first->second;
    Draw(span, total_ns, row);
    busy_ns[span.stage] += span.end_ns - span.begin_ns;
  }
  std::string text;
  for (const auto& [stage, row] : rows) {
    if (stage >= kRowsMax) continue;
    const double idle = 1 - static_cast<double>(busy_ns[stage]) / static_cast<double>(total_ns);
    absl::StrAppendFormat(&text, "  stage %-3d %s %6s idle\n", stage, row, PercentText(idle));
  }
  if (rows.size() > kRowsMax) {
    absl::StrAppend(&text, "  ... and ", rows.size() - kRowsMax, " more stages\n");
  }
  return text +
         absl::StrCat("  over ", MillisecondsText(total_ns),
                      ": F forward, B backward, W weights' gradients, O optimizer, each with "
                      "its micro-batch; . idle\n");
}

}  // namespace ddlsim
