// SPDX-License-Identifier: GPL-2.0-only
//
// operations.csv: a row per node of each rank's graph, as it completes.
#pragma once

#include <cstdint>

#include "replay/operation-record.h"
#include "results/result-folder.h"

namespace ddlsim {

class OperationWriter final : public OperationObserver {
 public:
  explicit OperationWriter(ResultFolder& folder);
  void OnOperation(const OperationRecord& record) override;

  uint64_t RowCount() const { return m_row_count; }

 private:
  ResultFile& m_file;
  uint64_t m_row_count = 0;
};

}  // namespace ddlsim
