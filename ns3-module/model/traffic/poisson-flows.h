// SPDX-License-Identifier: GPL-2.0-only
//
// Flows that arrive at random: at each host a Poisson process of its own, to destinations that are
// uniform among the other hosts. Load is what the HPCC authors' generator calls it: the payload
// bytes that a host starts per second, as a share of its link's rate.
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/time.h"
#include "traffic/flow-pattern.h"
#include "traffic/flow-size-distribution.h"

namespace ddlsim {

struct TrafficHost {
  uint64_t key = 0;       // of its name: what draws depend on
  uint64_t rate_bps = 0;  // of its link
};

struct PoissonConfig {
  uint64_t load_ppm = 0;            // 1e-6 of the host's link rate, above 0
  uint64_t until_ps = kNeverPs;     // flows start before this time
  uint64_t flows_max = UINT64_MAX;  // of all hosts, spread evenly over them
  uint64_t seed = 1;
};

class PoissonFlows final : public FlowPattern {
 public:
  // At least two hosts. Throws std::logic_error for fewer, and for a load of 0.
  PoissonFlows(FlowSizeDistribution sizes, const std::vector<TrafficHost>& hosts,
               const PoissonConfig& config);
  bool NextFlow(uint32_t src_host, TrafficFlow& flow) override;

 private:
  struct Source {
    uint64_t gap_stream = 0;
    uint64_t size_stream = 0;
    uint64_t destination_stream = 0;
    unsigned __int128 mean_gap_q16_ps = 0;
    uint64_t flows_left = 0;
    uint64_t number = 0;
    uint64_t last_ps = 0;
  };

  const FlowSizeDistribution m_sizes;
  const PoissonConfig m_config;
  std::vector<Source> m_sources;
};

// Mean time between flows of `mean_bytes_q16` at a load, in 2^-16 ps, rounded to the nearest.
unsigned __int128 MeanGapQ16Ps(uint64_t mean_bytes_q16, uint64_t load_ppm, uint64_t rate_bps);

}  // namespace ddlsim
