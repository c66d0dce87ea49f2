// SPDX-License-Identifier: GPL-2.0-only
#include "results/flow-writer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "results/decimal-text.h"
#include "results/escaped-text.h"
#include "traffic/traffic-cookie.h"

namespace ddlsim {

FlowWriter::FlowWriter(ResultFolder& folder, std::vector<std::string> traffic_names,
                       bool has_workload_rows)
    : m_file(folder.Open("flows.csv")),
      m_fields(std::move(traffic_names)),
      m_has_workload_rows(has_workload_rows) {
  m_fields.emplace_back(kWorkloadName);
  for (const std::string& field : m_fields) {
    if (field.size() > kNumberTextMax || CsvField(field) != field) {
      throw std::logic_error("no plain name of a traffic: " + field);
    }
  }
  m_file.Append(
      "id,src_host,dst_host,channel,size_bytes,start_ns,end_ns,fct_ns,ideal_ns,slowdown,"
      "retransmitted_packets,traffic,acknowledged_ns\n");
}

void FlowWriter::OnFlow(const FlowRecord& record) {
  if (!TrafficCookie::IsTraffic(record.cookie)) {
    if (m_has_workload_rows) {
      WriteRow(record, 0);
    } else {
      ++m_flow_count;
    }
    return;
  }
  m_unacknowledged[{record.src_host, record.dst_host, record.channel}].push_back(record);
}

void FlowWriter::OnFlowAcknowledged(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                                    uint64_t cookie, uint64_t now_ps) {
  if (!TrafficCookie::IsTraffic(cookie)) return;
  const auto found = m_unacknowledged.find({src_host, dst_host, channel});
  if (found == m_unacknowledged.end()) return;
  WriteRow(found->second.front(), now_ps);
  found->second.pop_front();
  if (found->second.empty()) m_unacknowledged.erase(found);
}

void FlowWriter::Finish() {
  for (const auto& [queue_pair, records] : m_unacknowledged) {
    for (const FlowRecord& record : records) WriteRow(record, 0);
  }
  m_unacknowledged.clear();
}

void FlowWriter::WriteRow(const FlowRecord& record, uint64_t acknowledged_ps) {
  const uint64_t fct_ps = record.end_ps - record.start_ps;
  char* out = m_file.Reserve(13 * kNumberTextMax);
  const auto separate = [&out] { *out++ = ','; };
  out = WriteUint(out, m_flow_count++);
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
  separate();
  const std::string& traffic = TrafficCookie::IsTraffic(record.cookie)
                                   ? m_fields.at(TrafficCookie::Decode(record.cookie).pattern)
                                   : m_fields.back();
  out = std::copy(traffic.begin(), traffic.end(), out);
  separate();
  if (acknowledged_ps != 0) out = WritePsAsNs(out, acknowledged_ps);
  *out++ = '\n';
  m_file.Advance(out);
}

}  // namespace ddlsim
