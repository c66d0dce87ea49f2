// SPDX-License-Identifier: GPL-2.0-only
#include "results/collective-writer.h"

#include "results/collective-figures.h"
#include "results/decimal-text.h"

namespace ddlsim {

CollectiveWriter::CollectiveWriter(ResultFolder& folder) : m_file(folder.Open("collectives.csv")) {
  m_file.Append(
      "id,name,group,first_rank,ranks,collective,algorithm,size_bytes,issue_ns,start_ns,ready_ns,"
      "end_ns,time_ns,algbw_gbytes_per_s,busbw_gbytes_per_s,bound_ns,bound_share,model_ns,protocol,"
      "channels,skew_ns\n");
}

void CollectiveWriter::OnCollective(const CollectiveRecord& record) {
  const CollectiveSpec& spec = record.spec;
  const uint64_t time_ps = TimePs(record);
  m_file.Reserve(ResultFile::kReserveMax);  // the whole row, so that none is cut

  char text[16 * kNumberTextMax];
  char* out = WriteUint(text, record.id);
  const auto separate = [&out] { *out++ = ','; };
  const auto append = [&out, &text, this] {
    m_file.Append({text, static_cast<size_t>(out - text)});
    out = text;
  };
  separate();
  append();
  AppendCsvField(m_file, record.name);
  m_file.Append(",");
  AppendCsvField(m_file, record.group);
  separate();
  out = WriteUint(out, record.first_rank);
  separate();
  out = WriteUint(out, spec.rank_count);
  separate();
  append();
  m_file.Append(OperationName(spec));
  m_file.Append(",");
  m_file.Append(AlgorithmName(spec.algorithm));
  separate();
  out = WriteUint(out, spec.size_bytes);
  for (const uint64_t time :
       {record.issue_ps, record.start_ps, record.ready_ps, record.end_ps, time_ps}) {
    separate();
    out = WritePsAsNs(out, time);
  }
  const bool has_bandwidth = HasBandwidth(spec, time_ps);
  separate();
  if (has_bandwidth) out = WriteFixed(out, AlgorithmBandwidth(spec.size_bytes, time_ps), 4);
  separate();
  if (has_bandwidth) out = WriteFixed(out, BusBandwidth(spec, time_ps), 4);
  separate();
  out = WritePsAsNs(out, record.bound_ps);
  separate();
  out = WriteRatio(out, record.bound_ps, time_ps, 4);
  separate();
  if (record.model_ps != kNoModelPs) out = WritePsAsNs(out, record.model_ps);
  separate();
  append();
  if (record.protocol != Protocol::kAuto) m_file.Append(ProtocolName(record.protocol));
  separate();
  if (record.channels > 0) out = WriteUint(out, record.channels);
  separate();
  out = WritePsAsNs(out, record.ready_ps - record.start_ps);
  *out++ = '\n';
  append();
}

}  // namespace ddlsim
