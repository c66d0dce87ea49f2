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
// "auto", "ring", "halving_doubling", "tree", "direct", "dissemination".
const char* AlgorithmName(Algorithm algorithm);
// The inverse, "auto" included. Throws InputError at `place` with a suggestion.
Algorithm ParseAlgorithm(const std::string& place, const std::string& name);

struct CollectiveSpec {
  CollectiveType type = CollectiveType::kAllReduce;
  Algorithm algorithm = Algorithm::kAuto;
  uint32_t rank_count = 1;  // members of the group, n
  uint64_t size_bytes = 0;  // as in nccl-tests, see traces/execution-graph.h
  uint32_t root = 0;        // member index, rooted collectives
};

// What offsets mean. Sizes are cut into blocks of nearly equal size as collective/block-split.h
// says; block i belongs to member i. All collectives but one work in place, on one buffer of
// `size_bytes` per rank: all_gather starts with block r filled at rank r, reduce_scatter ends with
// block r reduced at rank r. all_to_all sends block i of its input to member i, and receives into
// an output of its own, in which what comes from member i lies at i times the size of block r (at
// rank r, all these have the same size); the rank's own block is copied without a message. Blocks
// of no bytes are left out on both sides: no collective but barrier has empty messages.

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
// For speed, not for correctness: sends go on the wire in the order of their steps, one after the
// other. Where messages of several steps to several peers share the port instead (the root of a
// tree has no receives to hold it back), they all end late and BoundPs() is out of reach.
// Messages of zero bytes are real messages (barrier). Stateless: Step() may be called in any order,
// and from several threads. Work per call: O(1), O(log n) for halving-doubling, O(messages) for
// all_to_all.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual uint32_t StepCount() const = 0;
  // Fills `actions` (cleared first) with what `rank` does in `step` < StepCount().
  virtual void Step(uint32_t rank, uint32_t step, StepActions& actions) const = 0;
};

// The algorithm that kAuto stands for, given type, rank count and size; others as they are. kAuto
// comes back only for a collective that has no schedule yet. Rule: doc/collectives.md.
Algorithm ResolveAlgorithm(const CollectiveSpec& spec);
// Throws InputError: place "--algo" where the algorithm does not implement the collective,
// "--collective" where the collective has no schedule yet, "--size" above kSizeMaxBytes, "root"
// outside the group; std::invalid_argument for a group of no ranks or more than kRankCountMax.
// One rank, or no bytes (barrier apart): a schedule of no steps.
std::unique_ptr<Schedule> MakeSchedule(const CollectiveSpec& spec);

// Physical lower bound of this algorithm on a network whose hosts send and receive `rate_bps` each
// way at once, with `latency_ps` one way between hosts for a message of no bytes. It follows one
// chain of events that cannot overlap: messages that each depend on the one before, and messages
// that the same port has to pass one after the other. Each link of the chain costs its bytes at
// line rate, each hop between hosts the latency. doc/collectives.md has the formulas.
// `wire_factor` is wire bytes per payload byte, in [1, 1024] (above 1: headers, preamble, gap),
// used in steps of 2^-20, rounded down as everything here. Throws as MakeSchedule does, and
// std::invalid_argument where rate or factor are out of range.
uint64_t BoundPs(const CollectiveSpec& spec, uint64_t rate_bps, uint64_t latency_ps,
                 double wire_factor);

// busbw = algbw x factor, as nccl-tests defines it: 2(n-1)/n for all_reduce; (n-1)/n for
// all_gather, reduce_scatter, all_to_all, gather, scatter; 1 for broadcast and reduce. 0 for
// barrier, which moves no data.
double BusBandwidthFactor(CollectiveType type, uint32_t rank_count);

}  // namespace ddlsim
