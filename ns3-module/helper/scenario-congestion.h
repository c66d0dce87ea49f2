// SPDX-License-Identifier: GPL-2.0-only
//
// --cc and --recovery: what a queue pair does about congestion and loss.
#ifndef DDL_SCENARIO_CONGESTION_H
#define DDL_SCENARIO_CONGESTION_H

#include "scenario-network.h"

namespace ddlsim {

// Sets network.nic, and what the algorithm wants of the switches in network.fabric. Throws
// InputError.
void SetCongestionControl(const OptionSet& options, ScenarioNetwork& network);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_CONGESTION_H */
