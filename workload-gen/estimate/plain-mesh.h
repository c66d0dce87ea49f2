// SPDX-License-Identifier: MIT
//
// Collectives on hosts whose GPUs all have a link to each other, without a library: each rank talks
// to all others of its group at once, as the simulator's `auto` does there (docs/collectives.md).
#pragma once

#include <cstdint>

#include "hardware/host.h"
#include "traces/execution-graph.h"

namespace ddlsim {

struct PairLink {
  double rate = 0;  // bytes per nanosecond, each way; 0: some GPUs have no link to each other
  double latency_ns = 0;
};

// The slowest of the links that each two GPUs of a host have for themselves.
PairLink SlowestPairLink(const Host& host);

struct PlainExchange {
  double duration_ns = 0;
  double sent_bytes = 0;  // that the busiest rank sends, over all its links
};

// Of a group of more than one rank on one host; `link.rate` is above 0.
PlainExchange PlainCollective(CollectiveType type, uint64_t size_bytes, uint32_t ranks,
                              const PairLink& link);

}  // namespace ddlsim
