// SPDX-License-Identifier: GPL-2.0-only
#include "results/flow-writer.h"

#include "results/decimal-text.h"

namespace ddlsim {

FlowWriter::FlowWriter(ResultFolder& folder) : m_file(folder.Open("flows.csv")) {
  m_file.Append(
      "id,src_host,dst_host,channel,size_bytes,start_ns,end_ns,fct_ns,ideal_ns,slowdown,"
      "retransmitted_packets\n");
}

void FlowWriter::OnFlow(const FlowRecord& record) {
  const uint64_t fct_ps = record.end_ps - record.start_ps;
  char* out = m_file.Reserve(11 * kNumberTextMax);
  const auto separate = [&out] { *out++ = ','; };
  out = WriteUint(out, m_row_count++);
  separate();
  out = WriteUint(out, record.src_host);
  separate();
  out = WriteUint(out, record.dst_host);
  separate();
  out = WriteUint(out, record.channel);
  separate();
  out = WriteUint(out, record.size_bytes);
  separate();
  out = WritePsAsNs(out, record.start_ps);
  separate();
  out = WritePsAsNs(out, record.end_ps);
  separate();
  out = WritePsAsNs(out, fct_ps);
  separate();
  out = WritePsAsNs(out, record.ideal_ps);
  separate();
  out = WriteRatio(out, fct_ps, record.ideal_ps, 4);
  separate();
  out = WriteUint(out, record.retransmitted_packets);
  *out++ = '\n';
  m_file.Advance(out);
}

}  // namespace ddlsim
