// SPDX-License-Identifier: GPL-2.0-only
//
// What links.csv and queues.csv say, read from the fabric at the end of a run.
#ifndef DDL_SCENARIO_REPORT_H
#define DDL_SCENARIO_REPORT_H

#include <vector>

#include "fabric/fabric.h"
#include "results/link-record.h"

namespace ddlsim {

std::vector<LinkRecord> LinkRecords(const Fabric& fabric);
std::vector<QueueRecord> QueueRecords(const Fabric& fabric);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_REPORT_H */
