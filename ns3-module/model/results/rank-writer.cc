// SPDX-License-Identifier: GPL-2.0-only
#include "results/rank-writer.h"

#include "results/decimal-text.h"

namespace ddlsim {

void WriteRanks(ResultFolder& folder, const std::vector<RankRecord>& ranks) {
  ResultFile& file = folder.Open("ranks.csv");
  file.Append(
      "rank,host,operations,end_ns,compute_ns,communication_ns,exposed_communication_ns,idle_ns,"
      "pipeline_wait_ns\n");
  for (const RankRecord& rank : ranks) {
    char* out = file.Reserve(9 * kNumberTextMax);
    out = WriteUint(out, rank.rank);
    *out++ = ',';
    out = WriteUint(out, rank.host);
    *out++ = ',';
    out = WriteUint(out, rank.nodes);
    for (const uint64_t time :
         {rank.end_ps, rank.compute_ps, rank.communication_ps, rank.exposed_communication_ps,
          rank.idle_ps, rank.pipeline_wait_ps}) {
      *out++ = ',';
      out = WritePsAsNs(out, time);
    }
    *out++ = '\n';
    file.Advance(out);
  }
}

}  // namespace ddlsim
