// SPDX-License-Identifier: GPL-2.0-only
//
// From the options of a run to what its ranks execute.
#ifndef DDL_SCENARIO_WORKLOAD_H
#define DDL_SCENARIO_WORKLOAD_H

#include <memory>
#include <string>

#include "endpoint/endpoint-config.h"
#include "option-set.h"
#include "replay/workload.h"
#include "scenario-memory.h"

namespace ddlsim {

// What --workload, --model, --collective, --collective-bench or --traffic ask for; the last resort
// is GPT-2 small.
enum class WorkloadKind { kTrace, kModel, kCollective, kCollectiveBench, kTraffic };

struct ScenarioWorkload {
  WorkloadKind kind = WorkloadKind::kModel;
  std::unique_ptr<Workload> workload;
  std::string description;  // "gpt2, dp=16"
  std::string short_name;   // part of a folder's name: "gpt2-dp16"
  StatedMemory memory;
};

// Which source the options name; at most one. Throws InputError.
WorkloadKind KindOfWorkload(const OptionSet& options);

// Loads or makes the workload. With kModel, runs ddl-workload as a process of its own, which writes
// its traces to `generated_folder`, and replays these. Writes what it decided back to the options.
// Throws InputError.
ScenarioWorkload MakeScenarioWorkload(OptionSet& options, const std::string& generated_folder);

// The collective of that name; null where there is none.
const CollectiveType* FindCollective(const std::string& name);

// --algo for every collective that has such an algorithm. Throws InputError.
void ApplyAlgorithm(const OptionSet& options, EndpointConfig& config);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_WORKLOAD_H */
