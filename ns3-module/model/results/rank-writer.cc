// SPDX-License-Identifier: GPL-2.0-only
#include "results/rank-writer.h"

#include <algorithm>
#include <stdexcept>

#include "results/decimal-text.h"

namespace ddlsim {

void WriteRanks(ResultFolder& folder, const std::vector<RankRecord>& ranks) {
  ResultFile& file = folder.Open("ranks.csv");
  file.Append(
      "rank,host,operations,end_ns,compute_ns,communication_ns,exposed_communication_ns,idle_ns\n");
  for (const RankRecord& rank : ranks) {
    char* out = file.Reserve(8 * kNumberTextMax);
    out = WriteUint(out, rank.rank);
    *out++ = ',';
    out = WriteUint(out, rank.host);
    *out++ = ',';
    out = WriteUint(out, rank.nodes);
    for (const uint64_t time : {rank.end_ps, rank.compute_ps, rank.communication_ps,
                                rank.exposed_communication_ps, rank.idle_ps}) {
      *out++ = ',';
      out = WritePsAsNs(out, time);
    }
    *out++ = '\n';
    file.Advance(out);
  }
}

IterationSplit SplitIteration(const std::vector<RankRecord>& ranks, uint64_t total_ps,
                              uint64_t iterations) {
  if (iterations == 0) throw std::logic_error("a run has at least one iteration");
  IterationSplit split;
  if (ranks.empty()) return split;
  unsigned __int128 compute_ps = 0;
  unsigned __int128 exposed_ps = 0;
  for (const RankRecord& rank : ranks) {
    compute_ps += rank.compute_ps;
    exposed_ps += rank.exposed_communication_ps;
  }
  const unsigned __int128 shares = static_cast<unsigned __int128>(ranks.size()) * iterations;
  split.iteration_ps = total_ps / iterations;
  split.compute_ps = static_cast<uint64_t>(compute_ps / shares);
  split.exposed_communication_ps = static_cast<uint64_t>(exposed_ps / shares);
  const uint64_t busy_ps = split.compute_ps + split.exposed_communication_ps;
  split.idle_ps = split.iteration_ps > busy_ps ? split.iteration_ps - busy_ps : 0;
  return split;
}

uint64_t LastEndPs(const std::vector<RankRecord>& ranks) {
  uint64_t end_ps = 0;
  for (const RankRecord& rank : ranks) end_ps = std::max(end_ps, rank.end_ps);
  return end_ps;
}

}  // namespace ddlsim
