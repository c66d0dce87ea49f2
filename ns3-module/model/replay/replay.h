// SPDX-License-Identifier: GPL-2.0-only
//
// Walks each rank's execution graph. A node is ready when all its control and data dependencies are
// complete. Compute nodes run one at a time per rank, loads and stores too, the two side by side;
// communication runs beside both. Communication nodes that must be matched in order (collectives on
// one communicator, messages of one peer and tag) are posted in the order of the program, as a
// framework enqueues them: one that is ready early waits for those before it to become ready.
//
// A rank's behaviour follows from its own events alone, unless the workload is in lockstep. Several
// iterations follow one another per rank, without a barrier between ranks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "endpoint/endpoint.h"
#include "replay/operation-record.h"
#include "replay/rank-state.h"
#include "replay/workload.h"

namespace ddlsim {

struct ReplayProgress {
  uint64_t nodes_done = 0;
  uint64_t nodes_total = 0;
  uint32_t ranks_done = 0;
};

// Times of the whole run. Compute is that of the rank that computed longest (the lowest of equals),
// exposed communication is that rank's.
struct ReplaySummary {
  uint64_t iteration_time_ps = 0;  // end of the last node of any rank, per iteration, rounded up
  uint64_t compute_time_ps = 0;    // per iteration, rounded up
  uint64_t exposed_communication_ps = 0;  // per iteration, rounded up
};

// A node that is posted, running or ready, and not complete.
struct WaitingNode {
  uint64_t node_id = 0;
  std::string name;
  std::string reason;  // in words: what it is and which rank or message it waits for
};

// A rank that has not finished, and what it waits for.
struct WaitingRank {
  uint32_t rank = 0;
  uint64_t nodes_done = 0;
  uint64_t nodes_total = 0;
  std::vector<WaitingNode> nodes;
  std::vector<std::string> operations;  // the same as lines of text: "'NAME': REASON"
};

class Replay : public EndpointListener {
 public:
  // References outlive the replay; `observer` may be null. Throws InputError for communication that
  // cannot take place: no schedule for a collective, a root outside its group, ranks of one host.
  Replay(const Workload& workload, Endpoint& endpoint, OperationObserver* observer,
         uint32_t iterations = 1);

  // Starts all ranks at the current time.
  void Start();
  bool IsDone() const { return m_ranks_done == m_ranks.size(); }
  // To be called once the run is over, complete or not: reports what is not reported yet.
  void Finish();

  ReplayProgress Progress() const;
  uint64_t IterationTimePs(uint32_t iteration) const;
  ReplaySummary Summary() const;
  // By rank. Of an unfinished run, what is still running counts until now.
  std::vector<RankRecord> RankRecords() const;
  // Of the iterations that all ranks have done.
  std::vector<IterationRecord> IterationRecords() const;
  // What the ranks that have not finished wait for, the first ranks and operations of each.
  std::vector<WaitingRank> Waiting(size_t ranks_max = 16, size_t operations_max = 4) const;

  // EndpointListener
  void OnComplete(const Completion& completion) override;
  void OnTimer(uint32_t rank, uint32_t purpose) override;
  bool OnSettled() override;

 private:
  struct Posted {
    uint32_t node = 0;
    uint64_t ready_ps = 0;
  };
  struct IterationSums {
    uint32_t ranks = 0;  // that have done it
    uint64_t end_ps = 0;
    unsigned __int128 compute_ps = 0;
    unsigned __int128 exposed_ps = 0;
    unsigned __int128 stage_wait_ps = 0;
  };
  struct Ended {
    uint32_t rank = 0;
    uint32_t node = 0;
    uint64_t ready_ps = 0;
    uint64_t start_ps = 0;
  };

  void CheckCommunication() const;
  void MarkUnsettled(uint32_t rank);
  void Dispatch(uint32_t rank);
  bool StartStream(uint32_t rank, uint32_t index);
  void PostInTurn(uint32_t rank, uint32_t node);
  void Post(uint32_t rank, uint32_t node, uint64_t ready_ps);
  CommunicationKind KindOf(const ClassGraph& graph, uint32_t node) const;
  uint32_t PeerOf(uint32_t rank, const ClassGraph::Communication& communication) const;
  void CompleteNode(uint32_t rank, uint32_t node, uint64_t ready_ps, uint64_t start_ps);
  void ReleaseDependants(uint32_t rank, uint32_t node);
  void AwaitOthers(uint32_t node);
  void EndIteration(uint32_t rank);
  void Record(const Ended& ended);
  void ReportEnded();
  void DescribeWaiting(WaitingRank& waiting, size_t operations_max) const;

  const Workload& m_workload;
  Endpoint& m_endpoint;
  OperationObserver* m_observer;
  const uint32_t m_iterations;
  const uint32_t m_pipeline_axis;  // CommunicatorTable::kNone without one
  std::vector<RankState> m_ranks;
  std::vector<uint32_t> m_unsettled;  // ranks
  std::vector<Posted> m_posted;       // by token
  std::vector<uint64_t> m_free_tokens;
  uint64_t m_start_ps = 0;
  uint64_t m_nodes_total = 0;
  uint64_t m_nodes_done = 0;
  uint32_t m_ranks_done = 0;
  std::vector<IterationSums> m_iteration_sums;
  uint32_t m_lockstep_node = 0;        // that all ranks run, or have just completed
  uint32_t m_lockstep_ranks_done = 0;  // with this node
  std::vector<Ended> m_ended;          // at m_ended_ps, not reported yet
  uint64_t m_ended_ps = 0;
  std::string m_name;  // scratch
};

}  // namespace ddlsim
