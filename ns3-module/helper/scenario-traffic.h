// SPDX-License-Identifier: GPL-2.0-only
//
// From the options of a run to the traffic that is no training: --background, or --traffic alone.
#ifndef DDL_SCENARIO_TRAFFIC_H
#define DDL_SCENARIO_TRAFFIC_H

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fabric/fabric.h"
#include "option-set.h"
#include "traffic/traffic-source.h"

namespace ddlsim {

struct ScenarioTraffic {
  std::unique_ptr<TrafficSource> source;  // null: there is no such traffic
  std::vector<std::string> names;         // of its patterns, for flows.csv
  std::string description;                // "websearch flows at 30 % load"
};

// Whether --traffic asks for flows and not for a workload of ranks (as permutation does).
bool IsTrafficAlone(const OptionSet& options);

// Throws InputError for what --traffic and --background do not allow together, before a network is
// there.
void CheckTraffic(const OptionSet& options);

// `busy_channels`: channels of the workload's own queue pairs. `may_start`: TrafficConfig's; of
// background only. Writes what it decided (--duration, --incast-degree) back to the options. Throws
// InputError.
ScenarioTraffic MakeScenarioTraffic(OptionSet& options, const Fabric& fabric, Transport& transport,
                                    const std::vector<uint32_t>& busy_channels,
                                    std::function<bool()> may_start);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_TRAFFIC_H */
