// SPDX-License-Identifier: GPL-2.0-only
//
// collectives.csv: a row per collective and group, when its last rank has finished.
#pragma once

#include <cstdint>

#include "endpoint/collective-record.h"
#include "results/result-folder.h"

namespace ddlsim {

class CollectiveWriter final : public CollectiveObserver {
 public:
  explicit CollectiveWriter(ResultFolder& folder);
  void OnCollective(const CollectiveRecord& record) override;

 private:
  ResultFile& m_file;
};

}  // namespace ddlsim
