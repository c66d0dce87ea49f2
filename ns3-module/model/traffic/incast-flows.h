// SPDX-License-Identifier: GPL-2.0-only
//
// Incast: many hosts send one message each to one host at one time, once or periodically. Senders
// and receiver are drawn anew each time, as in the incast experiments of HPCC (Li et al., SIGCOMM
// 2019, section 5.3: 60 senders of 500 KB each, 2 % of the network's capacity).
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "fabric/time.h"
#include "traffic/flow-pattern.h"

namespace ddlsim {

struct IncastConfig {
  uint32_t degree = 60;          // senders, 1 to hosts - 1
  uint64_t size_bytes = 500000;  // of each sender
  uint64_t period_ps = 0;        // 0: once, at the start
  uint64_t until_ps = kNeverPs;  // incasts start before this time
  uint64_t seed = 1;
};

// The period at which incasts offer `load_ppm` * 1e-6 of `capacity_bps`, the sum of the hosts' link
// rates. Rounded to the nearest, at least 1.
uint64_t IncastPeriodPs(uint32_t degree, uint64_t size_bytes, uint64_t load_ppm,
                        unsigned __int128 capacity_bps);

class IncastFlows final : public FlowPattern {
 public:
  // Throws std::logic_error for a degree that the hosts do not allow.
  IncastFlows(uint32_t host_count, const IncastConfig& config);
  bool NextFlow(uint32_t src_host, TrafficFlow& flow) override;

  // Who takes part in incast `number`, as any host can find out for itself.
  struct Members {
    uint32_t receiver = 0;
    std::vector<uint32_t> senders;  // ascending
  };
  Members MembersOf(uint64_t number) const;

 private:
  bool StartPs(uint64_t number, uint64_t& start_ps) const;
  const Members& Cached(uint64_t number);

  const uint32_t m_host_count;
  const IncastConfig m_config;
  std::vector<uint64_t> m_next;  // by host: the incast to look at next
  // Incasts that some host has still to look at, from m_first on: all hosts ask for the same few.
  std::deque<Members> m_cache;
  uint64_t m_first = 0;
};

}  // namespace ddlsim
