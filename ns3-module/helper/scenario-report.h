// SPDX-License-Identifier: GPL-2.0-only
//
// What links.csv and queues.csv say, read from the fabric at the end of a run.
#ifndef DDL_SCENARIO_REPORT_H
#define DDL_SCENARIO_REPORT_H

#include <string>
#include <vector>

#include "fabric/fabric.h"
#include "results/link-record.h"
#include "results/summary.h"

namespace ddlsim {

std::vector<LinkRecord> LinkRecords(const Fabric& fabric);
std::vector<QueueRecord> QueueRecords(const Fabric& fabric);
// What flow control and trimming did, into the summary's fields for it.
void SummarizeFlowControl(const Fabric& fabric, RunSummary& summary);
// "edge-0->host-3"
std::string LinkName(const Fabric& fabric, uint32_t port);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_REPORT_H */
