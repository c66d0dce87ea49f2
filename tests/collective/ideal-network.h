// SPDX-License-Identifier: MIT
//
// The network of the alpha-beta model: every host has one port out and one in, both at `rate_bps`;
// nothing else is ever busy. A message of b bytes that leaves at t begins to arrive at t + latency;
// each port serves one message at a time for b at the rate, out in the order of issue, in by first
// arrival. Reduction engines sit behind links of that rate, one to each peer, that serve their
// messages side by side; the latency counts on the way from an engine to a rank alone.
#pragma once

#include <cstdint>

#include "collective/schedule.h"

namespace ddlsim {

// When the last message has arrived, in ps. Throws std::logic_error if a rank waits for ever.
uint64_t IdealTimePs(const Schedule& schedule, uint32_t rank_count, uint64_t rate_bps,
                     uint64_t latency_ps);

}  // namespace ddlsim
