// SPDX-License-Identifier: GPL-2.0-only
//
// Closed formulas for the time of a collective under NCCL: the minimum over algorithms and
// protocols of base + steps + bytes / rate, pipeline fill included (docs/library-model.md has them,
// with sources). They choose what is simulated, and stand beside the result as `model_ns`.
#pragma once

#include <cstdint>
#include <vector>

#include "collective/schedule.h"
#include "library/library-parameters.h"

namespace ddlsim {

struct LibraryCall {
  CollectiveType type = CollectiveType::kAllReduce;
  uint32_t rank_count = 1;
  uint32_t node_count = 1;
  uint64_t size_bytes = 0;  // as in nccl-tests
  double nic_rate = 0;      // GB/s of one node's NICs together, line rate; 0 where node_count is 1
};

struct LibraryChoice {
  Algorithm algorithm = Algorithm::kAuto;
  Protocol protocol = Protocol::kAuto;
  uint32_t channels = 1;
  double kernel_us = 0;
};

// Every algorithm and protocol that the library has for the call, in a fixed order. Empty for
// barrier and for what it runs as grouped sends and receives (library/peer-plan.h).
std::vector<LibraryChoice> LibraryCandidates(const LibraryCall& call,
                                             const LibraryParameters& parameters);

// The rates of at most so many channels (0: of all), as NCCL_MAX_NCHANNELS limits them: a channel
// copies at a rate of its own.
GpuRates WithChannels(const GpuRates& gpu, uint32_t channels_max);

// What a caller sees of a kernel of that length, see LaunchStyle.
double WithLaunch(double kernel_us, uint32_t channels, LaunchStyle style, const LaunchCosts& costs);

// The channels that a ring of the size uses: small sizes take fewer (NCCL's thread thresholds).
uint32_t RingChannels(Protocol protocol, uint64_t size_bytes, uint32_t rank_count,
                      uint32_t channels);

// By how much less a step takes because the message of a channel needs fewer threads than a block
// has, microseconds: under LL a thread moves 8 bytes, and a step ends with the slowest of them. A
// ring moves the size divided by the ranks, a chain or a tree all of it.
double StepSavingUs(const LibraryCall& call, Protocol protocol, bool divides_by_ranks,
                    const LibraryParameters& parameters);

// Of NVLS among the ranks of one node: algorithm bandwidth, GB/s.
double NvlsRate(uint32_t ranks, const GpuRates& gpu);
// Algorithm bandwidth of reduction in the switches between nodes, GB/s.
double InNetworkRate(const LibraryCall& call, const LibraryParameters& parameters);

// Of NVLS: bytes of one round through scatter, reduce and gather.
double NvlsLoopBytes(const LibraryCall& call, uint32_t heads, bool is_tree,
                     const LibraryParameters& parameters);

}  // namespace ddlsim
