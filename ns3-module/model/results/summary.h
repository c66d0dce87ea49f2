// SPDX-License-Identifier: GPL-2.0-only
//
// summary.json: the figures of a run as a whole. Nothing in it depends on the machine, the time of
// day, or the name of the folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/result-folder.h"

namespace ddlsim {

enum class RunStatus : uint8_t {
  kFinished,
  kInterrupted,  // by the user: the figures cover what was simulated
  kStalled,      // nothing left to happen, and operations still wait
};
const char* RunStatusName(RunStatus status);  // "finished" and so on

// An operation that had not completed when the run stalled.
struct StalledOperation {
  uint32_t rank = 0;
  uint64_t node_id = 0;
  std::string operation;    // name of the node
  std::string waiting_for;  // in words: "rank 3 to send 4096 bytes (tag 7)"; empty: `operation`
                            // says it all, and the node's number is not known
};

struct RunSummary {
  RunStatus status = RunStatus::kFinished;
  std::string program_version;
  uint64_t seed = 0;
  std::string topology;  // in words: "fat-tree, k=4, 400 Gb/s"
  std::string workload;  // in words: "gpt2-small, dp=16"
  // Of a GPU, as the workload's generator says; 0: not stated.
  uint64_t memory_peak_bytes = 0;
  uint64_t memory_capacity_bytes = 0;
  std::string background;  // traffic beside the workload, in words; empty: none
  std::string congestion_control;
  uint32_t hosts = 0;
  uint32_t ranks = 0;
  uint64_t iterations = 1;
  uint64_t warm_up_iterations = 0;   // of these, which count in no mean
  bool is_collective_bench = false;  // printed as nccl-tests prints them; not in the file

  uint64_t simulated_time_ps = 0;
  // IterationSplit (results/iteration-writer.h); of a run that did not finish, all that was
  // simulated.
  uint64_t iteration_time_ps = 0;
  uint64_t iteration_min_ps = 0;
  uint64_t iteration_max_ps = 0;
  uint64_t iteration_deviation_ps = 0;
  uint64_t compute_time_ps = 0;
  uint64_t exposed_communication_ps = 0;
  uint64_t pipeline_wait_ps = 0;  // of this: waiting for other pipeline stages
  uint64_t idle_time_ps = 0;

  uint64_t operations = 0;  // nodes of all ranks' graphs that completed
  uint64_t collectives = 0;
  uint64_t flows = 0;
  // Of these, what is no workload's: background, or all of a run of traffic alone.
  uint64_t traffic_flows = 0;             // started
  uint64_t traffic_bytes = 0;             // of these, payload
  uint64_t traffic_unfinished_flows = 0;  // of these, not arrived when the run ended

  uint64_t data_packets = 0;      // put on a first link, retransmissions included
  uint64_t data_packet_hops = 0;  // put on any link
  uint64_t drops = 0;             // frames for which a buffer had no room
  uint64_t lost_packets = 0;      // frames lost to link errors
  uint64_t retransmitted_packets = 0;
  uint64_t ecn_marked_packets = 0;
  uint64_t trimmed_packets = 0;  // forwarded without their payload
  uint64_t pause_frames = 0;     // of flow control
  uint64_t paused_ps = 0;        // that links were held back, summed over links and classes
  uint64_t pause_storms = 0;     // pauses longer than the storm time
  std::vector<std::string> pause_deadlock;  // links each of which waits for the next, in a circle

  std::vector<StalledOperation> waiting;  // when stalled; what is listed may be cut, so:
  uint64_t waiting_operations = 0;        // how many there are in all
};

std::string SummaryJson(const RunSummary& summary);
void WriteSummary(ResultFolder& folder, const RunSummary& summary);

}  // namespace ddlsim
