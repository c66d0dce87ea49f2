// SPDX-License-Identifier: GPL-2.0-only
//
// Messages of one size that all start at time 0: one from each host to a random other, or one from
// each host to each other.
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/flow-pattern.h"

namespace ddlsim {

enum class OneShotKind : uint8_t { kRandom, kAllPairs };

class OneShotFlows final : public FlowPattern {
 public:
  // `host_keys`: of the hosts' names, at least two (std::logic_error otherwise).
  OneShotFlows(OneShotKind kind, std::vector<uint64_t> host_keys, uint64_t size_bytes,
               uint64_t seed);
  bool NextFlow(uint32_t src_host, TrafficFlow& flow) override;

 private:
  const OneShotKind m_kind;
  const std::vector<uint64_t> m_host_keys;
  const uint64_t m_size_bytes;
  const uint64_t m_seed;
  std::vector<uint32_t> m_started;  // by host
};

}  // namespace ddlsim
