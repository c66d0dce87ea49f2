// SPDX-License-Identifier: GPL-2.0-only
//
// --collective-bench: one collective over many sizes, as nccl-tests runs it.
#ifndef DDL_COLLECTIVE_BENCH_H
#define DDL_COLLECTIVE_BENCH_H

#include <cstdint>
#include <string>
#include <vector>

#include "endpoint/endpoint-config.h"
#include "endpoint/rank-map.h"
#include "option-set.h"
#include "replay/workload.h"

namespace ddlsim {

// --sizes in its order: sizes and ranges FIRST:LAST with commas between, a range in steps of
// --step-factor. At least one, none of them zero or twice. Throws InputError.
std::vector<uint64_t> BenchSizes(const OptionSet& options);

// --estimate: whether the closed formulas alone are asked for. Throws InputError.
bool IsEstimate(const OptionSet& options);

// The table of a run that is not simulated: what the formulas of the library say for each
// collective of the workload. Throws InputError where there is no library, or it has no formula.
std::string EstimateBench(const OptionSet& options, const Workload& workload, const RankMap& ranks,
                          const EndpointConfig& config);

}  // namespace ddlsim

#endif /* DDL_COLLECTIVE_BENCH_H */
