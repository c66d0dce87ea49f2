// SPDX-License-Identifier: GPL-2.0-only
//
// What a run prints when it ends: the findings, for somebody who has never seen the program.
#pragma once

#include <string>
#include <vector>

#include "results/collective-table.h"
#include "results/flow-completion-table.h"
#include "results/link-record.h"
#include "results/runtime-facts.h"
#include "results/summary.h"

namespace ddlsim {

// Plain text of at most about 100 columns, ending in a line feed. `folder` is where the files are,
// `latest` the link to it or empty.
std::string RenderSummary(const RunSummary& summary, const CollectiveTable& collectives,
                          const FlowCompletionTable& flows, const std::vector<LinkRecord>& links,
                          const RuntimeFacts& runtime, const std::string& folder,
                          const std::string& latest);

}  // namespace ddlsim
