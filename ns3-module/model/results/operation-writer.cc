// SPDX-License-Identifier: GPL-2.0-only
#include "results/operation-writer.h"

#include "results/decimal-text.h"

namespace ddlsim {

OperationWriter::OperationWriter(ResultFolder& folder) : m_file(folder.Open("operations.csv")) {
  m_file.Append("rank,node_id,name,type,collective,size_bytes,issue_ns,start_ns,end_ns,group\n");
}

void OperationWriter::OnOperation(const OperationRecord& record) {
  ++m_row_count;
  char* out = m_file.Reserve(ResultFile::kReserveMax);
  out = WriteUint(out, record.rank);
  *out++ = ',';
  out = WriteUint(out, record.node_id);
  *out++ = ',';
  m_file.Advance(out);
  if (record.name != nullptr) AppendCsvField(m_file, *record.name);
  m_file.Append(",");
  m_file.Append(NodeTypeName(record.type));
  m_file.Append(",");
  if (record.type == NodeType::kCollective) m_file.Append(CollectiveName(record.collective));

  char text[5 * kNumberTextMax];
  out = text;
  *out++ = ',';
  if (record.type != NodeType::kCompute) out = WriteUint(out, record.size_bytes);
  for (const uint64_t time : {record.issue_ps, record.start_ps, record.end_ps}) {
    *out++ = ',';
    out = WritePsAsNs(out, time);
  }
  *out++ = ',';
  m_file.Append({text, static_cast<size_t>(out - text)});
  if (record.group != nullptr) AppendCsvField(m_file, *record.group);
  m_file.Append("\n");
}

}  // namespace ddlsim
