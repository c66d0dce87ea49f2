// SPDX-License-Identifier: GPL-2.0-only
#include "results/sample-writer.h"

#include "results/decimal-text.h"

namespace ddlsim {
namespace {

// 8 bits per byte over ps are 8,000 Gb/s; the product stays below 2^64 up to 2 PB.
char* WriteThroughput(char* out, uint64_t bytes, uint64_t elapsed_ps) {
  return WriteRatio(out, bytes * 8000, elapsed_ps, 3);
}

}  // namespace

SampleWriter::SampleWriter(ResultFolder& folder, uint64_t rows_max)
    : m_queues(folder.Open("queue-samples.csv")),
      m_flows(folder.Open("flow-samples.csv")),
      m_rows_max(rows_max) {
  m_queues.Append("time_ns,node,port,peer,queued_bytes\n");
  m_flows.Append(
      "time_ns,src_host,dst_host,channel,rate_gbps,window_bytes,in_flight_bytes,"
      "acknowledged_bytes,throughput_gbps\n");
}

void SampleWriter::Write(const QueueSample& sample) {
  if (m_queue_rows >= m_rows_max) return;
  ++m_queue_rows;
  m_queues.Reserve(ResultFile::kReserveMax);
  m_queues.Append(NsText(sample.time_ps) + ",");
  AppendCsvField(m_queues, sample.node);
  m_queues.Append("," + std::to_string(sample.port) + ",");
  AppendCsvField(m_queues, sample.peer);
  m_queues.Append("," + std::to_string(sample.queued_bytes) + "\n");
}

void SampleWriter::Write(const FlowSample& sample) {
  if (m_flow_rows >= m_rows_max) return;
  ++m_flow_rows;
  char* out = m_flows.Reserve(9 * kNumberTextMax);
  out = WritePsAsNs(out, sample.time_ps);
  for (const uint32_t number : {sample.src_host, sample.dst_host, sample.channel}) {
    *out++ = ',';
    out = WriteUint(out, number);
  }
  *out++ = ',';
  if (sample.has_rate) out = WriteFixed(out, sample.rate_bps * 1e-9, 6);
  for (const uint64_t bytes :
       {sample.window_bytes, sample.in_flight_bytes, sample.acknowledged_bytes}) {
    *out++ = ',';
    out = WriteUint(out, bytes);
  }
  *out++ = ',';
  out = WriteThroughput(out, sample.acknowledged_bytes, sample.elapsed_ps);
  *out++ = '\n';
  m_flows.Advance(out);
}

}  // namespace ddlsim
