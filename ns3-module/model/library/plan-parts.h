// SPDX-License-Identifier: GPL-2.0-only
//
// What library-plan.cc is put together from: a plan's costs by kind of algorithm. `plan` comes with
// its algorithm, protocol, channels and bundles.
#pragma once

#include <cstdint>

#include "base/rounding.h"
#include "library/library-plan.h"

namespace ddlsim {

constexpr double kPsPerUs = 1e6;
constexpr double kPsPerByte = 1e3;  // at 1 GB/s

inline uint64_t PsOfUs(double us) {
  return us <= 0 ? 0 : Rounded(us * kPsPerUs);
}

inline bool IsGather(CollectiveType type) {
  return type == CollectiveType::kAllGather || type == CollectiveType::kReduceScatter;
}

// ring-plan.cc. Chains are those of broadcast and reduce.
void PlanRing(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
              ChannelPlan& plan);
void PlanChain(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
               ChannelPlan& plan);
// tree-plan.cc. In networks whose switches reduce: in_network.
void PlanTree(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
              ChannelPlan& plan);
void PlanNvls(const LibraryCall& call, const GroupFacts& group, const LibraryConfig& config,
              ChannelPlan& plan);
void PlanInNetwork(const LibraryCall& call, const LibraryConfig& config, ChannelPlan& plan);

}  // namespace ddlsim
