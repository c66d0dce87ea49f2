// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>

#include "collective/schedule.h"
#include "endpoint/collective-choices.h"
#include "library/library-plan.h"

namespace ddlsim {

struct EndpointConfig {
  // Algorithm of each collective, by CollectiveType; kAuto leaves it to ResolveAlgorithm().
  std::array<Algorithm, kCollectiveTypeCount> algorithms{};

  // Of all_to_all; null: equal shares. Outlives the endpoint.
  const PairSizes* pair_sizes = nullptr;
  // What Algorithm::kFile is. Outlives the endpoint.
  const CustomAlgorithm* custom = nullptr;

  // How a library runs collectives; null: step by step, without costs beside the network's.
  // Outlives the endpoint.
  const LibraryConfig* library = nullptr;

  // The network behind the bound that each CollectiveRecord states, see BoundPs().
  uint64_t bound_rate_bps = 0;  // 0: no bound, reported as 0
  uint64_t bound_latency_ps = 0;
  double bound_wire_factor = 1.0;
  // The same of scale-up networks, for groups with ranks that share one.
  uint64_t scale_up_rate_bps = 0;  // 0: there is none
  uint64_t scale_up_latency_ps = 0;
  double scale_up_wire_factor = 1.0;
};

}  // namespace ddlsim
