// SPDX-License-Identifier: MIT
//
// Moves a trace set to another data-parallel degree: the same work per rank, more or fewer copies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/rescale/classed-set.h"

namespace ddlsim {

struct RescaleOptions {
  std::string folder;   // of the new set; created if missing
  uint32_t copies = 0;  // the new degree, 1 or more
  std::string generator_command;
  ClassingOptions classing;
};

struct RescaleReport {
  uint32_t copies_before = 0;
  uint32_t rank_count = 0;  // after
  // Shares of all_gather and reduce_scatter on the data-parallel axis changed with the degree,
  // their totals and all computations did not: the work of a sharded optimizer is that of the old
  // degree.
  bool has_sharded_states = false;
};

// Validates the set first. Throws InputError with the reason where the set cannot be moved; nothing
// is written then.
RescaleReport RescaleTraceSet(const TraceSet& set, const RescaleOptions& options);

}  // namespace ddlsim
