// SPDX-License-Identifier: GPL-2.0-only
#include "replay/replay.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr uint32_t kLockstepTimer = RankState::kStreamCount;
// Between two nodes in lockstep: longer than acknowledgements and pause frames are under way, so
// that each node meets an idle network.
constexpr uint64_t kLockstepPausePs = 20000000;
// The group whose members are the stages of one pipeline, in traces of ddl-workload.
constexpr const char* kPipelineAxis = "pp";

}  // namespace

Replay::Replay(const Workload& workload, Endpoint& endpoint, OperationObserver* observer,
               uint32_t iterations)
    : m_workload(workload),
      m_endpoint(endpoint),
      m_observer(observer),
      m_iterations(iterations),
      m_pipeline_axis(workload.Communicators().FindAxis(kPipelineAxis)),
      m_ranks(workload.RankCount()),
      m_iteration_sums(iterations) {
  if (endpoint.Ranks().RankCount() != workload.RankCount()) {
    throw InputError("ranks",
                     "the workload has " + std::to_string(workload.RankCount()) +
                         " and the cluster " + std::to_string(endpoint.Ranks().RankCount()),
                     "make them equal");
  }
  if (iterations == 0) throw InputError("--iterations", "there are none", "use at least 1");
  workload.CheckComplete("workload");
  for (uint32_t rank = 0; rank < workload.RankCount(); ++rank) {
    m_ranks[rank].graph = &workload.GraphOf(rank);
  }
  m_nodes_total = workload.NodeCount() * iterations;
  CheckCommunication();
  endpoint.SetListener(this);
}

// Each kind of collective once per communicator, each pair of ranks once.
void Replay::CheckCommunication() const {
  const CommunicatorTable& communicators = m_workload.Communicators();
  // Axis, type, root, shares; of messages whether relative, axis, peer.
  using CollectiveKey = std::tuple<uint32_t, CollectiveType, uint32_t, const MemberShares*>;
  using PeerKey = std::tuple<bool, uint32_t, int64_t>;
  std::vector<std::set<CollectiveKey>> collectives(m_workload.ClassCount());
  std::vector<std::set<PeerKey>> peers(m_workload.ClassCount());
  for (uint32_t i = 0; i < m_workload.ClassCount(); ++i) {
    const ClassGraph& graph = m_workload.ClassAt(i);
    for (uint32_t node = 0; node < graph.NodeCount(); ++node) {
      if (!graph.IsCommunication(node)) continue;
      const ClassGraph::Communication& c = graph.CommunicationOf(node);
      if (graph.Type(node) == NodeType::kCollective) {
        collectives[i].emplace(c.axis, c.collective, IsRooted(c.collective) ? c.root : 0,
                               graph.SharesOf(c));
      } else {
        peers[i].emplace(c.peer_is_relative, c.axis, c.peer);
      }
    }
  }
  std::set<CollectiveKey> checked;  // with the communicator in place of the axis
  for (uint32_t rank = 0; rank < m_workload.RankCount(); ++rank) {
    const uint32_t rank_class = m_workload.ClassOf(rank);
    for (const auto& [axis, type, root, shares] : collectives[rank_class]) {
      const uint32_t communicator = communicators.Find(axis, rank);
      if (!checked.emplace(communicator, type, root, shares).second) continue;
      CollectiveRequest request;
      request.type = type;
      request.root = root;
      request.shares = shares;
      request.name = CollectiveName(type);
      m_endpoint.Collectives().Check(communicator, request);
    }
    for (const auto& [is_relative, axis, peer] : peers[rank_class]) {
      ClassGraph::Communication communication;
      communication.peer_is_relative = is_relative;
      communication.axis = axis;
      communication.peer = peer;
      m_endpoint.Messages().Check(rank, PeerOf(rank, communication));
    }
  }
}

// One rank after another, so that what ranks send at the start comes in a fixed order.
void Replay::Start() {
  m_start_ps = m_endpoint.NowPs();
  for (uint32_t rank = 0; rank < m_ranks.size(); ++rank) {
    m_endpoint.Enter([this, rank] {
      RankState& state = m_ranks[rank];
      state.busy.Advance(m_start_ps);
      state.end_ps = m_start_ps;
      state.BeginIteration();
      if (state.graph->NodeCount() == 0) EndIteration(rank);
      MarkUnsettled(rank);
    });
  }
}

void Replay::MarkUnsettled(uint32_t rank) {
  if (m_ranks[rank].is_unsettled) return;
  m_ranks[rank].is_unsettled = true;
  m_unsettled.push_back(rank);
}

// Streams start only when nothing of this event is left to dispatch or to complete, so that nodes
// which become ready at one time start in the order of the file.
bool Replay::OnSettled() {
  while (!m_unsettled.empty()) {
    const uint32_t rank = m_unsettled.back();
    RankState& state = m_ranks[rank];
    if (!state.ready.empty()) {
      Dispatch(rank);
      return true;
    }
    for (uint32_t index = 0; index < RankState::kStreamCount; ++index) {
      if (StartStream(rank, index)) return true;
    }
    state.is_unsettled = false;
    m_unsettled.pop_back();
  }
  return false;
}

void Replay::Dispatch(uint32_t rank) {
  RankState& state = m_ranks[rank];
  while (!state.ready.empty()) {
    const uint32_t node = state.ready.top();
    state.ready.pop();
    switch (state.graph->Type(node)) {
      case NodeType::kCompute:
        state.streams[RankState::kComputeStream].queue.push({m_endpoint.NowPs(), node});
        break;
      case NodeType::kMemoryLoad:
      case NodeType::kMemoryStore:
        state.streams[RankState::kMemoryStream].queue.push({m_endpoint.NowPs(), node});
        break;
      case NodeType::kSend:
      case NodeType::kReceive:
      case NodeType::kCollective:
        PostInTurn(rank, node);
        break;
    }
  }
}

// Starts the stream's next node if it is free. Returns whether that node took no time and is
// complete: others may be ready now.
bool Replay::StartStream(uint32_t rank, uint32_t index) {
  RankState& state = m_ranks[rank];
  Stream& stream = state.streams[index];
  if (stream.is_busy || stream.queue.empty()) return false;
  const Stream::Waiting next = stream.queue.top();
  stream.queue.pop();
  const uint64_t now_ps = m_endpoint.NowPs();
  const uint64_t duration_ps = state.graph->DurationPs(next.node);
  if (duration_ps == 0) {
    CompleteNode(rank, next.node, next.ready_ps, now_ps);
    return true;
  }
  stream.running = next;
  stream.start_ps = now_ps;
  stream.is_busy = true;
  state.busy.BeginCompute(now_ps);
  m_endpoint.SetTimer(rank, duration_ps, index);
  return false;
}

void Replay::OnTimer(uint32_t rank, uint32_t purpose) {
  if (purpose == kLockstepTimer) return ReleaseDependants(rank, m_lockstep_node);
  Stream& stream = m_ranks[rank].streams[purpose];
  stream.is_busy = false;
  m_ranks[rank].busy.EndCompute(m_endpoint.NowPs());
  CompleteNode(rank, stream.running.node, stream.running.ready_ps, stream.start_ps);
}

void Replay::PostInTurn(uint32_t rank, uint32_t node) {
  RankState& state = m_ranks[rank];
  const ClassGraph::Communication& communication = state.graph->CommunicationOf(node);
  const uint32_t order = communication.order;
  const uint64_t now_ps = m_endpoint.NowPs();
  if (order == ClassGraph::kNone) return Post(rank, node, now_ps);
  if (state.next_in_order[order] != communication.index_in_order) {
    state.held.emplace(std::make_pair(order, communication.index_in_order),
                       RankState::Held{node, now_ps});
    return;
  }
  Post(rank, node, now_ps);
  while (true) {
    const auto found = state.held.find({order, ++state.next_in_order[order]});
    if (found == state.held.end()) return;
    const RankState::Held held = found->second;
    state.held.erase(found);
    Post(rank, held.node, held.ready_ps);
  }
}

void Replay::Post(uint32_t rank, uint32_t node, uint64_t ready_ps) {
  RankState& state = m_ranks[rank];
  const ClassGraph& graph = *state.graph;
  const ClassGraph::Communication& communication = graph.CommunicationOf(node);
  uint64_t token = m_posted.size();
  if (m_free_tokens.empty()) {
    m_posted.emplace_back();
  } else {
    token = m_free_tokens.back();
    m_free_tokens.pop_back();
  }
  m_posted[token] = {node, ready_ps};
  state.busy.BeginCommunication(m_endpoint.NowPs(), KindOf(graph, node));
  const uint64_t size_bytes = graph.SizeBytes(node);
  if (graph.Type(node) == NodeType::kCollective) {
    CollectiveRequest request;
    request.type = communication.collective;
    request.size_bytes = size_bytes;
    request.root = communication.root;
    request.shares = graph.SharesOf(communication);
    request.name = graph.Name(node);
    request.ready_ps = ready_ps;
    m_endpoint.Issue(rank, communication.axis, request, token);
    return;
  }
  const uint32_t peer = PeerOf(rank, communication);
  if (graph.Type(node) == NodeType::kSend) {
    m_endpoint.PostSend(rank, peer, communication.tag, size_bytes, token, communication.is_copy);
  } else {
    m_endpoint.PostReceive(rank, peer, communication.tag, size_bytes, token);
  }
}

CommunicationKind Replay::KindOf(const ClassGraph& graph, uint32_t node) const {
  if (graph.Type(node) == NodeType::kCollective) return CommunicationKind::kOther;
  const ClassGraph::Communication& message = graph.CommunicationOf(node);
  if (!message.peer_is_relative || message.axis != m_pipeline_axis) {
    return CommunicationKind::kOther;
  }
  return graph.Type(node) == NodeType::kReceive ? CommunicationKind::kStageReceive
                                                : CommunicationKind::kStageSend;
}

uint32_t Replay::PeerOf(uint32_t rank, const ClassGraph::Communication& communication) const {
  if (!communication.peer_is_relative) return static_cast<uint32_t>(communication.peer);
  const CommunicatorTable& communicators = m_workload.Communicators();
  const Communicator& group = communicators.At(communicators.Find(communication.axis, rank));
  const int64_t size = group.Size();
  const int64_t own_index = communicators.MemberIndex(communication.axis, rank);
  const int64_t index = ((own_index + communication.peer) % size + size) % size;
  return group.members[index];
}

void Replay::OnComplete(const Completion& completion) {
  const Posted posted = m_posted[completion.token];
  m_free_tokens.push_back(completion.token);
  RankState& state = m_ranks[completion.rank];
  state.busy.EndCommunication(m_endpoint.NowPs(), KindOf(*state.graph, posted.node));
  CompleteNode(completion.rank, posted.node, posted.ready_ps, completion.start_ps);
}

void Replay::CompleteNode(uint32_t rank, uint32_t node, uint64_t ready_ps, uint64_t start_ps) {
  RankState& state = m_ranks[rank];
  state.end_ps = m_endpoint.NowPs();
  Record({rank, node, ready_ps, start_ps});
  ++m_nodes_done;
  if (m_workload.IsInLockstep()) {
    AwaitOthers(node);
  } else {
    ReleaseDependants(rank, node);
  }
  if (++state.nodes_done == state.graph->NodeCount()) EndIteration(rank);
}

void Replay::ReleaseDependants(uint32_t rank, uint32_t node) {
  RankState& state = m_ranks[rank];
  for (const uint32_t dependant : state.graph->Dependants(node)) {
    if (state.dependencies.CountDown(dependant)) state.ready.push(dependant);
  }
  MarkUnsettled(rank);
}

// By timers, so that the ranks go on at one time and in the order of hosts, whoever was last.
void Replay::AwaitOthers(uint32_t node) {
  m_lockstep_node = node;
  if (++m_lockstep_ranks_done < m_ranks.size()) return;
  m_lockstep_ranks_done = 0;
  const ClassGraph::Range dependants = m_ranks.front().graph->Dependants(node);
  if (dependants.begin() == dependants.end()) return;
  for (uint32_t rank = 0; rank < m_ranks.size(); ++rank) {
    m_endpoint.SetTimer(rank, kLockstepPausePs, kLockstepTimer);
  }
}

void Replay::EndIteration(uint32_t rank) {
  RankState& state = m_ranks[rank];
  do {
    IterationSums& sums = m_iteration_sums[state.iterations_done];
    ++sums.ranks;
    sums.end_ps = std::max(sums.end_ps, m_endpoint.NowPs());
    state.busy.Advance(m_endpoint.NowPs());
    sums.compute_ps += state.busy.ComputePs() - state.busy_before.ComputePs();
    sums.exposed_ps += state.busy.ExposedPs() - state.busy_before.ExposedPs();
    sums.stage_wait_ps += state.busy.StageWaitPs() - state.busy_before.StageWaitPs();
    state.busy_before = state.busy;
    if (++state.iterations_done == m_iterations) {
      ++m_ranks_done;
      return;
    }
  } while (state.graph->NodeCount() == 0);
  state.BeginIteration();
}

}  // namespace ddlsim
