// SPDX-License-Identifier: GPL-2.0-only
//
// queue-samples.csv and flow-samples.csv: what was seen of queues and queue pairs at intervals.
#pragma once

#include <cstdint>
#include <string>

#include "results/result-folder.h"

namespace ddlsim {

struct QueueSample {
  uint64_t time_ps = 0;
  std::string node;
  uint32_t port = 0;
  std::string peer;
  uint64_t queued_bytes = 0;
};

struct FlowSample {
  uint64_t time_ps = 0;
  uint32_t src_host = 0;
  uint32_t dst_host = 0;
  uint32_t channel = 0;
  bool has_rate = false;  // a congestion control is in use
  double rate_bps = 0;
  uint64_t window_bytes = 0;
  uint64_t in_flight_bytes = 0;
  uint64_t acknowledged_bytes = 0;  // since the sample before
  uint64_t elapsed_ps = 0;          // the same
};

class SampleWriter {
 public:
  // Neither file gets more than `rows_max` rows.
  SampleWriter(ResultFolder& folder, uint64_t rows_max);

  // A file that is full takes no more.
  void Write(const QueueSample& sample);
  void Write(const FlowSample& sample);

  bool IsFull() const { return m_queue_rows >= m_rows_max || m_flow_rows >= m_rows_max; }

 private:
  ResultFile& m_queues;
  ResultFile& m_flows;
  const uint64_t m_rows_max;
  uint64_t m_queue_rows = 0;
  uint64_t m_flow_rows = 0;
};

}  // namespace ddlsim
