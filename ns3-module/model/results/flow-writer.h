// SPDX-License-Identifier: GPL-2.0-only
//
// flows.csv: a row per message between hosts, as it completes.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "nic/flow-record.h"
#include "results/result-folder.h"

namespace ddlsim {

class FlowWriter final : public FlowObserver {
 public:
  // What the flows of the workload are called in the column `traffic`.
  static constexpr const char* kWorkloadName = "workload";

  // `traffic_names` by pattern, as in cookies of the traffic (traffic/traffic-cookie.h): short, and
  // without what CSV would quote (std::logic_error). Without `has_workload_rows` the workload's
  // messages are counted only: those of a large run take gigabytes.
  explicit FlowWriter(ResultFolder& folder, std::vector<std::string> traffic_names = {},
                      bool has_workload_rows = true);
  // Of the workload's messages the row is written at once, of traffic's when they are acknowledged.
  void OnFlow(const FlowRecord& record) override;
  void OnFlowAcknowledged(uint32_t src_host, uint32_t dst_host, uint32_t channel, uint64_t cookie,
                          uint64_t now_ps) override;
  // Writes what has arrived and was not acknowledged until the end.
  void Finish();

  // Messages that have completed, with a row or without.
  uint64_t FlowCount() const { return m_flow_count; }

 private:
  using QueuePair = std::tuple<uint32_t, uint32_t, uint32_t>;  // source, destination, channel
  void WriteRow(const FlowRecord& record, uint64_t acknowledged_ps);

  ResultFile& m_file;
  std::vector<std::string> m_fields;  // of the column `traffic`: by pattern, the workload's last
  const bool m_has_workload_rows;
  uint64_t m_flow_count = 0;
  std::map<QueuePair, std::deque<FlowRecord>> m_unacknowledged;  // traffic, in order of arrival
};

}  // namespace ddlsim
