// SPDX-License-Identifier: GPL-2.0-only
#include "results/iteration-writer.h"

#include <algorithm>
#include <cmath>

#include "base/rounding.h"
#include "results/decimal-text.h"

namespace ddlsim {
namespace {

// What neither computes nor communicates; never below zero for rounding.
void FillIdle(IterationSplit& split) {
  const uint64_t busy_ps = split.compute_ps + split.exposed_communication_ps;
  split.idle_ps = split.iteration_ps > busy_ps ? split.iteration_ps - busy_ps : 0;
}

}  // namespace

void WriteIterations(ResultFolder& folder, const std::vector<IterationRecord>& iterations,
                     uint64_t warm_up) {
  ResultFile& file = folder.Open("iterations.csv");
  file.Append(
      "iteration,is_warm_up,start_ns,end_ns,time_ns,compute_ns,exposed_communication_ns,"
      "pipeline_wait_ns\n");
  for (size_t i = 0; i < iterations.size(); ++i) {
    const IterationRecord& record = iterations[i];
    char* out = file.Reserve(8 * kNumberTextMax);
    out = WriteUint(out, i);
    *out++ = ',';
    out = WriteUint(out, i < warm_up ? 1 : 0);
    for (const uint64_t time : {record.start_ps, record.end_ps, record.TimePs(), record.compute_ps,
                                record.exposed_communication_ps, record.pipeline_wait_ps}) {
      *out++ = ',';
      out = WritePsAsNs(out, time);
    }
    *out++ = '\n';
    file.Advance(out);
  }
}

IterationSplit SplitIterations(const std::vector<IterationRecord>& iterations, uint64_t warm_up) {
  IterationSplit split;
  const size_t first = warm_up < iterations.size() ? warm_up : 0;
  const size_t count = iterations.size() - first;
  if (count == 0) return split;
  unsigned __int128 time_ps = 0, compute_ps = 0, exposed_ps = 0, pipeline_ps = 0;
  split.min_ps = UINT64_MAX;
  for (size_t i = first; i < iterations.size(); ++i) {
    const IterationRecord& record = iterations[i];
    time_ps += record.TimePs();
    compute_ps += record.compute_ps;
    exposed_ps += record.exposed_communication_ps;
    pipeline_ps += record.pipeline_wait_ps;
    split.min_ps = std::min(split.min_ps, record.TimePs());
    split.max_ps = std::max(split.max_ps, record.TimePs());
  }
  split.iteration_ps = static_cast<uint64_t>(time_ps / count);
  split.compute_ps = static_cast<uint64_t>(compute_ps / count);
  split.exposed_communication_ps = static_cast<uint64_t>(exposed_ps / count);
  split.pipeline_wait_ps = static_cast<uint64_t>(pipeline_ps / count);
  FillIdle(split);
  double squares = 0;
  for (size_t i = first; i < iterations.size(); ++i) {
    const double off = static_cast<double>(iterations[i].TimePs()) -
                       static_cast<double>(time_ps) / static_cast<double>(count);
    squares += off * off;
  }
  if (count > 1) split.deviation_ps = Rounded(std::sqrt(squares / static_cast<double>(count - 1)));
  return split;
}

IterationSplit SplitUnfinished(const std::vector<RankRecord>& ranks, uint64_t total_ps) {
  IterationSplit split;
  if (ranks.empty()) return split;
  unsigned __int128 compute_ps = 0, exposed_ps = 0, pipeline_ps = 0;
  for (const RankRecord& rank : ranks) {
    compute_ps += rank.compute_ps;
    exposed_ps += rank.exposed_communication_ps;
    pipeline_ps += rank.pipeline_wait_ps;
  }
  split.iteration_ps = split.min_ps = split.max_ps = total_ps;
  split.compute_ps = static_cast<uint64_t>(compute_ps / ranks.size());
  split.exposed_communication_ps = static_cast<uint64_t>(exposed_ps / ranks.size());
  split.pipeline_wait_ps = static_cast<uint64_t>(pipeline_ps / ranks.size());
  FillIdle(split);
  return split;
}

}  // namespace ddlsim
