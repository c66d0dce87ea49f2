// SPDX-License-Identifier: GPL-2.0-only
//
// flows.csv: a row per message between hosts, as it completes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nic/flow-record.h"
#include "results/result-folder.h"

namespace ddlsim {

class FlowWriter final : public FlowObserver {
 public:
  // What the flows of the workload are called in the column `traffic`.
  static constexpr const char* kWorkloadName = "workload";

  // `traffic_names` by pattern, as in cookies of the traffic (traffic/traffic-cookie.h): short, and
  // without what CSV would quote (std::logic_error).
  explicit FlowWriter(ResultFolder& folder, std::vector<std::string> traffic_names = {});
  void OnFlow(const FlowRecord& record) override;

  uint64_t RowCount() const { return m_row_count; }

 private:
  ResultFile& m_file;
  std::vector<std::string> m_fields;  // of the column `traffic`: by pattern, the workload's last
  uint64_t m_row_count = 0;
};

}  // namespace ddlsim
