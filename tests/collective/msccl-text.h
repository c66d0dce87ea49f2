// SPDX-License-Identifier: MIT
//
// Algorithms in the XML of MSCCL, written as its compiler writes them.
#pragma once

#include <cstdint>
#include <string>

namespace ddlsim {

// Ring all-reduce in place, one thread block per GPU: s, rrs ..., rrcs, rcs ..., r.
std::string MscclRing(uint32_t gpu_count);

// All-reduce of two shots among all pairs: a thread block per peer brings blocks into scratch
// memory, one adds them up after all have come, the others send the sum.
std::string MscclAllPairs(uint32_t gpu_count);

// All-gather among all pairs, with a local copy where it is not in place.
std::string MscclAllGather(uint32_t gpu_count, bool in_place);

// All-to-all among all pairs, `channel_count` chunks per pair, each on a channel of its own.
std::string MscclAllToAll(uint32_t gpu_count, uint32_t channel_count);

}  // namespace ddlsim
