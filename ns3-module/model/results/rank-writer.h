// SPDX-License-Identifier: GPL-2.0-only
//
// ranks.csv: a row per rank, at the end of a run.
#pragma once

#include <vector>

#include "replay/operation-record.h"
#include "results/result-folder.h"

namespace ddlsim {

void WriteRanks(ResultFolder& folder, const std::vector<RankRecord>& ranks);

}  // namespace ddlsim
