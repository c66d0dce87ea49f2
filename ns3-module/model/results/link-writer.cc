// SPDX-License-Identifier: GPL-2.0-only
#include "results/link-writer.h"

#include "results/decimal-text.h"

namespace ddlsim {

void WriteLinks(ResultFolder& folder, const std::vector<LinkRecord>& links, uint64_t simulated_ps) {
  ResultFile& file = folder.Open("links.csv");
  file.Append(
      "link,source,destination,rate_gbps,delay_ns,frames,data_frames,bytes,busy_ns,"
      "utilisation_share,lost_frames,pause_frames,paused_ns\n");
  for (const LinkRecord& link : links) {
    file.Reserve(ResultFile::kReserveMax);
    AppendCsvField(file, link.link);
    file.Append(",");
    AppendCsvField(file, link.source);
    file.Append(",");
    AppendCsvField(file, link.destination);
    char text[11 * kNumberTextMax];
    char* out = text;
    *out++ = ',';
    out = WriteBpsAsGbps(out, link.rate_bps);
    *out++ = ',';
    out = WritePsAsNs(out, link.delay_ps);
    for (const uint64_t count : {link.frames, link.data_frames, link.bytes}) {
      *out++ = ',';
      out = WriteUint(out, count);
    }
    *out++ = ',';
    out = WritePsAsNs(out, link.busy_ps);
    *out++ = ',';
    out = WriteRatio(out, link.busy_ps, simulated_ps, 6);
    *out++ = ',';
    out = WriteUint(out, link.lost_frames);
    *out++ = ',';
    out = WriteUint(out, link.pause_frames);
    *out++ = ',';
    out = WritePsAsNs(out, link.paused_ps);
    *out++ = '\n';
    file.Append({text, static_cast<size_t>(out - text)});
  }
}

void WriteQueues(ResultFolder& folder, const std::vector<QueueRecord>& queues) {
  ResultFile& file = folder.Open("queues.csv");
  file.Append(
      "node,port,peer,capacity_bytes,max_queue_bytes,ecn_marked_frames,dropped_frames,"
      "dropped_bytes,trimmed_frames\n");
  for (const QueueRecord& queue : queues) {
    file.Reserve(ResultFile::kReserveMax);
    AppendCsvField(file, queue.node);
    file.Append("," + std::to_string(queue.port) + ",");
    AppendCsvField(file, queue.peer);
    char text[7 * kNumberTextMax];
    char* out = text;
    *out++ = ',';
    if (queue.capacity_bytes > 0) out = WriteUint(out, queue.capacity_bytes);
    for (const uint64_t count : {queue.max_queue_bytes, queue.ecn_marked_frames,
                                 queue.dropped_frames, queue.dropped_bytes, queue.trimmed_frames}) {
      *out++ = ',';
      out = WriteUint(out, count);
    }
    *out++ = '\n';
    file.Append({text, static_cast<size_t>(out - text)});
  }
}

}  // namespace ddlsim
