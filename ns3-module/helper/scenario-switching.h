// SPDX-License-Identifier: GPL-2.0-only
//
// What switches do beyond plain FIFO forwarding: classes, flow control, choice of paths, links that
// fail.
#ifndef DDL_SCENARIO_SWITCHING_H
#define DDL_SCENARIO_SWITCHING_H

#include "ddl-switch.h"
#include "scenario-network.h"

namespace ddlsim {

// Sets network.fabric from attributes and options; needs network.nic. Throws InputError.
void SetSwitching(OptionSet& options, const ns3::ddl::Switch& switches, ScenarioNetwork& network);

// What can only be said when network.graph is built: links that fail, paths too long for telemetry.
// Throws InputError.
void CheckSwitching(const OptionSet& options, ScenarioNetwork& network);

// Plans network.link_changes.
void PlanLinkChanges(const ScenarioNetwork& network, Fabric& fabric);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_SWITCHING_H */
