// SPDX-License-Identifier: GPL-2.0-only
//
// links.csv and queues.csv: a row per direction of a link and per queue, at the end of a run, in
// the order given (the topology's, which depends on names alone).
#pragma once

#include <cstdint>
#include <vector>

#include "results/link-record.h"
#include "results/result-folder.h"

namespace ddlsim {

// Utilisation is of `simulated_ps`; empty where that is 0.
void WriteLinks(ResultFolder& folder, const std::vector<LinkRecord>& links, uint64_t simulated_ps);
void WriteQueues(ResultFolder& folder, const std::vector<QueueRecord>& queues);

}  // namespace ddlsim
