// SPDX-License-Identifier: GPL-2.0-only
//
// The schedule of a collective for one rank, generated step by step: pure functions of
// (collective, algorithm, group size, bytes, rank, step). Plain C++, no simulator in sight.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "traces/execution-graph.h"

namespace ddlsim {

enum class Algorithm : uint8_t { kAuto, kRing, kHalvingDoubling, kTree, kDirect, kDissemination };
const char* AlgorithmName(Algorithm algorithm);  // "ring", "halving_doubling", "tree" ...

struct CollectiveSpec {
  CollectiveType type = CollectiveType::kAllReduce;
  Algorithm algorithm = Algorithm::kAuto;
  uint32_t rank_count = 1;  // members of the group, n
  uint64_t size_bytes = 0;  // as in nccl-tests, see traces/execution-graph.h
  uint32_t root = 0;        // member index, rooted collectives
};

// Which buffer of a rank a transfer reads or writes. Blocks are byte ranges of the collective's
// buffer. all_to_all sends from kInput and receives into kOutput; the others work in place.
enum class Buffer : uint8_t { kInput, kOutput };

// One message to a peer. Reads `size_bytes` at `offset_bytes`.
struct SendAction {
  uint32_t peer = 0;  // member index
  uint64_t offset_bytes = 0;
  uint64_t size_bytes = 0;
};

// One message from a peer, copied to or reduced into `offset_bytes`. A receive of step s matches
// the send of the same step index s at the peer towards this rank; at most one per (peer, step).
struct ReceiveAction {
  uint32_t peer = 0;
  uint64_t offset_bytes = 0;
  uint64_t size_bytes = 0;
  bool reduce = false;
};

struct StepActions {
  std::vector<SendAction> sends;
  std::vector<ReceiveAction> receives;
  void Clear() {
    sends.clear();
    receives.clear();
  }
};

// A rank may issue the sends of step s once all receives of the steps before s have arrived. The
// sends of a step read the buffer as it is before the step's own receives are applied.
// Messages of zero bytes are real messages (barrier). Stateless: Step() may be called in any order.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual uint32_t StepCount() const = 0;
  // Fills `actions` (cleared first) with what `rank` does in `step` < StepCount().
  virtual void Step(uint32_t rank, uint32_t step, StepActions& actions) const = 0;
};

// The algorithm that kAuto stands for, given type, rank count and size.
Algorithm ResolveAlgorithm(const CollectiveSpec& spec);
// Throws InputError (place "--algo") where the algorithm does not implement the collective, or the
// collective has no schedule yet.
std::unique_ptr<Schedule> MakeSchedule(const CollectiveSpec& spec);

// Physical lower bound of this algorithm on a network whose hosts send and receive `rate_bps` each
// way at once, with `latency_ps` one way between hosts for a message of no bytes: bytes that the
// busiest rank must put on its link, at line rate, plus the latency of the longest dependency chain.
// `wire_factor` is wire bytes per payload byte (above 1: headers, preamble, gap).
uint64_t BoundPs(const CollectiveSpec& spec, uint64_t rate_bps, uint64_t latency_ps,
                 double wire_factor);

// busbw = algbw x factor, as nccl-tests defines it: 2(n-1)/n for all_reduce; (n-1)/n for
// all_gather, reduce_scatter, all_to_all, gather, scatter; 1 for broadcast and reduce.
double BusBandwidthFactor(CollectiveType type, uint32_t rank_count);

}  // namespace ddlsim
