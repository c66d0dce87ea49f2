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

enum class Algorithm : uint8_t {
  kAuto,
  kRing,
  kHalvingDoubling,
  kTree,
  kDirect,
  kDissemination,
  kDoubleBinaryTree,
  kBruck,
  kHierarchical,
  kPat,
  kNvls,
  kNvlsTree,
  kInNetwork,
  kTwoShot,
  kFile,  // of the user's own: LoadScheduleFile() makes its schedule, MakeSchedule() does not
};
// "auto", "ring", "halving_doubling", "tree" and so on: the enumerator in lower case.
const char* AlgorithmName(Algorithm algorithm);
// The inverse, "auto" included. Throws InputError at `place` with a suggestion.
Algorithm ParseAlgorithm(const std::string& place, const std::string& name);

// Whether an algorithm looks at CollectiveSpec::local_size.
bool LooksAtNodes(Algorithm algorithm);
// Of in_network: which switches of the network between nodes add up, by numbers of engines.
struct SwitchTree {
  static constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint32_t> engine_of_node;  // that the node's first member sends to
  std::vector<uint32_t> engine_above;    // by engine; kNone: the root, or not in the tree
};

struct CollectiveSpec {
  CollectiveType type = CollectiveType::kAllReduce;
  Algorithm algorithm = Algorithm::kAuto;
  uint32_t rank_count = 1;  // members of the group, n
  uint64_t size_bytes = 0;  // as in nccl-tests, see traces/execution-graph.h
  uint32_t root = 0;        // member index, rooted collectives
  // Members per node, whose member numbers are consecutive; 0 or 1: no node has more than one. Used
  // by hierarchical, double_binary_tree, nvls, nvls_tree, in_network and two_shot alone, and then
  // divides n.
  uint32_t local_size = 0;
  // all_to_all with unequal sizes: n * n sizes in bytes, row = sender. Where given, `size_bytes` is
  // not used: the input of member r is row r, one block behind the other, its output column r.
  std::shared_ptr<const std::vector<uint64_t>> pair_bytes = nullptr;
  // all_to_all in which each member sends `size_bytes` to the next alone and receives as much from
  // the one before it, as nccl-tests' sendrecv does, whose definition of bandwidths then counts.
  bool is_send_receive = false;
  // in_network: where given, the tree; else nodes are the ranks below a leaf switch.
  std::shared_ptr<const SwitchTree> switches = nullptr;
};

// What offsets mean. Sizes are cut into blocks of nearly equal size as collective/block-split.h
// says; block i belongs to member i. All collectives but one work in place, on one buffer of
// `size_bytes` per rank: all_gather and gather start with block r filled at rank r, reduce_scatter
// and scatter end with block r at rank r. all_to_all sends block i of its input to member i, and
// receives into an output of its own, in which what comes from member i lies at i times the size of
// block r (at rank r, all these have the same size); the rank's own block is copied without a
// message. So there, what is read is the input, and what is written the output.
// From kScratchOffsetBytes on, offsets mean the rank's scratch memory, which holds nothing at
// first. Blocks of no bytes are left out on both sides: no collective but barrier has empty
// messages.
constexpr uint64_t kScratchOffsetBytes = uint64_t{1} << 60;

// Participants are the members 0 .. n-1 and, behind them, the reduction engines n .. n +
// EngineCount() - 1 inside switches. An engine owns no data: its buffer of `size_bytes` starts as
// zeros, a receive with reduce adds to it, a receive without replaces, and its sends read it. What
// a step has sent is gone from the engine; only a receive without reduce may follow there.

// Lanes: actions of one lane are run one after another by one thread block of a library's kernel,
// those of different lanes side by side (a tree's way up and its way down). They are a hint for who
// runs the schedule and change nothing about the dependencies below.

// A local move within a rank's memory, at no cost of the network: what is read and written is as
// for messages. Schedules use it to pack blocks that lie apart into one message and to unpack them.
struct CopyAction {
  uint64_t from_offset_bytes = 0;
  uint64_t offset_bytes = 0;
  uint64_t size_bytes = 0;
  bool reduce = false;
};

// One message to a peer. Reads `size_bytes` at `offset_bytes`.
struct SendAction {
  uint32_t peer = 0;  // participant
  uint64_t offset_bytes = 0;
  uint64_t size_bytes = 0;
  uint8_t lane = 0;
};

// One message from a peer, copied to or reduced into `offset_bytes`. A receive of step s matches
// the send of the same step index s at the peer towards this rank; at most one per (peer, step).
// Receives of one step that write the same bytes all reduce.
struct ReceiveAction {
  uint32_t peer = 0;
  uint64_t offset_bytes = 0;
  uint64_t size_bytes = 0;
  bool reduce = false;
  uint8_t lane = 0;
};

// The copies come first, in their order; then the sends read, then the receives write.
struct StepActions {
  std::vector<CopyAction> copies;
  std::vector<SendAction> sends;
  std::vector<ReceiveAction> receives;
  void Clear() {
    copies.clear();
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
// and from several threads. Work per call: O(log n), or O(n) where a step has as many messages or
// packs as many blocks.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual uint32_t StepCount() const = 0;
  // Fills `actions` (cleared first) with what participant `rank` does in `step` < StepCount().
  virtual void Step(uint32_t rank, uint32_t step, StepActions& actions) const = 0;
  virtual uint32_t LaneCount() const { return 1; }  // every lane is below it
  // Whether two lanes work on different data, so that neither waits for the other's receives.
  virtual bool AreIndependent(uint32_t /*lane*/, uint32_t /*other*/) const { return false; }
  virtual uint32_t EngineCount() const { return 0; }   // participants behind the members
  virtual uint64_t ScratchBytes() const { return 0; }  // that any one rank needs
};

// The algorithm that kAuto stands for, given type, rank count and size; others as they are. Rule:
// docs/collectives.md.
Algorithm ResolveAlgorithm(const CollectiveSpec& spec);
// Throws InputError: place "--algo" where the algorithm does not implement the collective or does
// not fit the nodes or the unequal sizes, "--size" above kSizeMaxBytes, "root" outside the group;
// std::invalid_argument for a group of no ranks or more than kRankCountMax, or sizes by pair that
// are not n * n or that belong to no all_to_all. One rank, or no bytes (barrier apart): a schedule
// of no steps.
std::unique_ptr<Schedule> MakeSchedule(const CollectiveSpec& spec);

// Physical lower bound of this algorithm, executed in whole messages as the schedule has them, on a
// network whose hosts send and receive `rate_bps` each way at once, with `latency_ps` one way
// between hosts for a message of no bytes. It follows one chain of events that cannot overlap:
// messages that each depend on the one before, and messages that the same port has to pass one
// after the other. Each link of the chain costs its bytes at line rate, each hop between hosts
// (there and back through an engine is one) the latency. docs/collectives.md has the formulas.
// `wire_factor` is wire bytes per payload byte, in [1, 1024] (above 1: headers, preamble, gap),
// used in steps of 2^-20, rounded down as everything here. Throws as MakeSchedule does, and
// std::invalid_argument where rate or factor are out of range.
uint64_t BoundPs(const CollectiveSpec& spec, uint64_t rate_bps, uint64_t latency_ps,
                 double wire_factor);

// The same where messages may be cut into chunks that overlap, in any way: the latencies of the
// chain alone, or the bytes that the busiest port has to pass, whichever takes longer.
uint64_t PipelinedBoundPs(const CollectiveSpec& spec, uint64_t rate_bps, uint64_t latency_ps,
                          double wire_factor);

// Bytes that one port has to pass, without latency.
uint64_t LinePs(uint64_t size_bytes, uint64_t rate_bps, double wire_factor);

// Of any schedule: the bytes that the busiest of the members has to send or receive, and one hop.
uint64_t PortBoundPs(const Schedule& schedule, uint32_t rank_count, uint64_t rate_bps,
                     uint64_t latency_ps, double wire_factor);

// "sendrecv", or the collective's.
const char* OperationName(const CollectiveSpec& spec);

// busbw = algbw x factor, as nccl-tests defines it: 2(n-1)/n for all_reduce; (n-1)/n for
// all_gather, reduce_scatter, all_to_all, gather, scatter; 1 for broadcast and reduce. 0 for
// barrier, which moves no data.
double BusBandwidthFactor(CollectiveType type, uint32_t rank_count);
// The same; 1 for sendrecv.
double BusBandwidthFactor(const CollectiveSpec& spec);

}  // namespace ddlsim
