// SPDX-License-Identifier: GPL-2.0-only
//
// flows.csv: a row per message between hosts, as it completes.
#pragma once

#include <cstdint>

#include "nic/flow-record.h"
#include "results/result-folder.h"

namespace ddlsim {

class FlowWriter final : public FlowObserver {
 public:
  explicit FlowWriter(ResultFolder& folder);
  void OnFlow(const FlowRecord& record) override;

  uint64_t RowCount() const { return m_row_count; }

 private:
  ResultFile& m_file;
  uint64_t m_row_count = 0;
};

}  // namespace ddlsim
