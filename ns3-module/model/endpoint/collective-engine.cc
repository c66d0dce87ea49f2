// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/collective-engine.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/input-error.h"
#include "endpoint/channel-run.h"
#include "endpoint/node-aware-choice.h"
#include "endpoint/peer-run.h"

namespace ddlsim {

CollectiveEngine::CollectiveEngine(const RankMap& ranks, const CommunicatorTable& communicators,
                                   const EndpointConfig& config, Transport& transport,
                                   CompletionQueue& completions, CollectiveObserver* observer)
    : m_ranks(ranks),
      m_communicators(communicators),
      m_config(config),
      m_transport(transport),
      m_completions(completions),
      m_observer(observer),
      m_states(communicators.CommunicatorCount()),
      m_layouts(communicators.CommunicatorCount()) {}

CollectiveSpec CollectiveEngine::SpecOf(uint32_t communicator,
                                        const CollectiveRequest& request) const {
  CollectiveSpec spec;
  spec.type = request.type;
  spec.rank_count = m_communicators.At(communicator).Size();
  spec.size_bytes = request.size_bytes;
  spec.root = IsRooted(request.type) ? request.root : 0;
  spec.algorithm = request.algorithm != Algorithm::kAuto
                       ? request.algorithm
                       : m_config.algorithms[static_cast<size_t>(request.type)];
  if (spec.root >= spec.rank_count) {
    throw InputError(m_communicators.Describe(communicator),
                     "root " + std::to_string(spec.root) + " of '" +
                         Printable(std::string(request.name)) + "' is outside the group",
                     "roots count from 0 within the group");
  }
  if (request.shares != nullptr) {
    spec.pair_bytes = m_share_sizes.Of(m_communicators.Describe(communicator), spec.rank_count,
                                       spec.size_bytes, *request.shares);
  } else if (spec.type == CollectiveType::kAllToAll && m_config.pair_sizes != nullptr) {
    m_config.pair_sizes->Apply(spec);
  }
  // A library chooses by its own costs, once it knows the group.
  if (m_config.library == nullptr) ResolveNodes(communicator, spec);
  return spec;
}

const GroupLayout& CollectiveEngine::LayoutOf(uint32_t communicator) const {
  std::unique_ptr<GroupLayout>& layout = m_layouts[communicator];
  if (layout == nullptr) {
    layout = std::make_unique<GroupLayout>(m_ranks, m_communicators.At(communicator).members);
  }
  return *layout;
}

// Algorithm and nodes, where no library runs.
void CollectiveEngine::ResolveNodes(uint32_t communicator, CollectiveSpec& spec) const {
  const GroupLayout& layout = LayoutOf(communicator);
  spec.local_size = layout.LocalSize();
  if (spec.algorithm == Algorithm::kAuto && m_config.scale_up_rate_bps > 0 &&
      m_config.bound_rate_bps > 0) {
    NodeLinks links;
    links.nics_per_node = layout.NicsPerNode();
    links.up_ps_per_byte =
        8e12 * m_config.scale_up_wire_factor / static_cast<double>(m_config.scale_up_rate_bps);
    links.out_ps_per_byte =
        8e12 * m_config.bound_wire_factor / static_cast<double>(m_config.bound_rate_bps);
    const uint64_t pair_bps = layout.PairLinkBps();
    if (pair_bps > 0) {
      links.pair_ps_per_byte = 8e12 * m_config.scale_up_wire_factor / static_cast<double>(pair_bps);
    }
    links.up_latency_ps = static_cast<double>(m_config.scale_up_latency_ps);
    links.out_latency_ps = static_cast<double>(m_config.bound_latency_ps);
    spec.algorithm = NodeAwareChoice(spec, links);
  }
  spec.algorithm = ResolveAlgorithm(spec);
  // In whole messages, a chain inside each node is slower than trees over all ranks.
  if (spec.algorithm == Algorithm::kDoubleBinaryTree) spec.local_size = 1;
  if (spec.algorithm == Algorithm::kHierarchical && spec.local_size == 1 && spec.rank_count > 1) {
    throw InputError("--algo",
                     "hierarchical needs nodes with several ranks of a group, all with as many and "
                     "one behind the other, which " +
                         m_communicators.Describe(communicator) + " has not",
                     "use an algorithm that does not look at nodes, or hosts of several GPUs");
  }
}

void CollectiveEngine::Check(uint32_t communicator, const CollectiveRequest& request) const {
  CollectiveRequest some = request;
  some.size_bytes = std::max<uint64_t>(1, some.size_bytes);  // no data would ask nothing of anyone
  CollectiveSpec spec = SpecOf(communicator, some);
  if (spec.algorithm == Algorithm::kFile) spec.size_bytes = m_config.custom->SizeUnitBytes();
  if (spec.algorithm == Algorithm::kInNetwork && LayoutOf(communicator).NodeCount() > 1 &&
      LayoutOf(communicator).TreeOf(0) == nullptr) {
    throw InputError("--algo", "in_network needs switches that reduce",
                     "leave --switch-reduction to auto, with a network between the hosts");
  }
  if (IsByPeers(spec)) {
    MakeSchedule(MakePeerPlan(spec, FactsOf(LayoutOf(communicator)), *m_config.library).spec);
  } else if (IsByChannels(spec)) {
    MakeSchedule(PlanOf(spec, LayoutOf(communicator)).spec);
  } else if (ScheduleOf(spec)->EngineCount() > 0) {
    throw InputError("--algo",
                     std::string(AlgorithmName(spec.algorithm)) +
                         " reduces inside switches, which these cannot do",
                     "choose an algorithm between the ranks alone");
  }
  const Communicator& group = m_communicators.At(communicator);
  const RankRoute apart = m_ranks.Unconnected(group.members);
  if (apart.src != apart.dst) {
    throw InputError("--gpus-per-host",
                     m_communicators.Describe(communicator) + " has two ranks in host " +
                         std::to_string(m_ranks.HostOf(apart.src)) +
                         ", which have no network between them",
                     "place one rank of a group in a host");
  }
}

void CollectiveEngine::Issue(uint32_t rank, uint32_t axis, const CollectiveRequest& request,
                             uint64_t token) {
  const uint32_t communicator = m_communicators.Find(axis, rank);
  if (communicator == CommunicatorTable::kNone) {
    throw InputError("group '" + Printable(m_communicators.AxisName(axis)) + "'",
                     "rank " + std::to_string(rank) + " is in none of its groups",
                     "add the rank to a group");
  }
  const uint32_t member_index = m_communicators.MemberIndex(axis, rank);
  CommunicatorState& state = m_states[communicator];
  if (state.members.empty()) state.members.resize(m_communicators.At(communicator).Size());
  MemberProgress& progress = state.members[member_index];
  const uint64_t sequence = progress.issued;
  if (sequence == state.first_sequence + state.slots.size()) {
    state.slots.push_back(Open(communicator, sequence, request, rank));
  }
  CollectiveOperation& operation = m_operations[state.slots[sequence - state.first_sequence]];
  CheckAgreement(operation, request, rank);
  operation.issue_ps = std::min(operation.issue_ps, request.ready_ps);
  if (member_index == 0) operation.name = request.name;
  CollectiveMember& member = operation.members[member_index];
  member.token = token;
  member.phase = MemberPhase::kIssued;
  ++progress.issued;
  if (progress.completed == sequence) StartNext(communicator, member_index);
}

uint32_t CollectiveEngine::Open(uint32_t communicator, uint64_t sequence,
                                const CollectiveRequest& request, uint32_t rank) {
  uint32_t slot;
  if (m_free_slots.empty()) {
    slot = static_cast<uint32_t>(m_operations.size());
    if (slot == MessageCookie::kSlotCount) {
      throw std::logic_error("more collectives in flight than a cookie can count");
    }
    m_operations.emplace_back();
  } else {
    slot = m_free_slots.back();
    m_free_slots.pop_back();
  }
  ++m_slots_in_use;
  CollectiveOperation& operation = m_operations[slot];
  operation.communicator = communicator;
  operation.sequence = sequence;
  operation.requested = SpecOf(communicator, request);
  if (IsByPeers(operation.requested) || IsByChannels(operation.requested)) {
    OpenRun(operation, slot);
  } else {
    OpenSchedule(operation);
  }
  operation.members.assign(operation.spec.rank_count, CollectiveMember());
  operation.first_issuer = rank;
  operation.first_name = operation.name = request.name;
  operation.started_count = operation.done_count = 0;
  operation.issue_ps = request.ready_ps;
  return slot;
}

void CollectiveEngine::OpenSchedule(CollectiveOperation& operation) {
  operation.spec = operation.requested;
  operation.spec.algorithm = ResolveAlgorithm(operation.spec);
  operation.schedule = ScheduleOf(operation.spec);
  operation.step_count = operation.schedule->StepCount();
  if (operation.step_count > MessageCookie::kStepCount) {
    throw std::logic_error("a collective has more steps than a cookie can count");
  }
}

std::unique_ptr<Schedule> CollectiveEngine::ScheduleOf(const CollectiveSpec& spec) const {
  return spec.algorithm == Algorithm::kFile ? m_config.custom->Make(spec) : MakeSchedule(spec);
}

bool CollectiveEngine::IsByPeers(const CollectiveSpec& spec) const {
  return m_config.library != nullptr && spec.algorithm != Algorithm::kFile && IsPeerPlanned(spec);
}

// Engines are only where channels run, with a library's costs or none.
bool CollectiveEngine::IsByChannels(const CollectiveSpec& spec) const {
  if (spec.algorithm == Algorithm::kFile) return false;
  if (m_config.library != nullptr) return IsPlanned(spec);
  return spec.algorithm == Algorithm::kInNetwork && spec.rank_count > 1 && spec.size_bytes > 0 &&
         spec.local_size < spec.rank_count;
}

ChannelPlan CollectiveEngine::PlanOf(const CollectiveSpec& spec, const GroupLayout& layout) const {
  if (m_config.library == nullptr) return MakePlainPlan(spec, FactsOf(layout));
  return MakeLibraryPlan(spec, FactsOf(layout), *m_config.library);
}

void CollectiveEngine::OpenRun(CollectiveOperation& operation, uint32_t slot) {
  const Communicator& group = m_communicators.At(operation.communicator);
  const GroupLayout& layout = LayoutOf(operation.communicator);
  if (IsByPeers(operation.requested)) {
    const PeerPlan plan = MakePeerPlan(operation.requested, FactsOf(layout), *m_config.library);
    operation.spec = plan.spec;
    operation.run =
        std::make_unique<PeerRun>(plan, layout, m_ranks, m_transport, slot, group.channel);
    return;
  }
  const ChannelPlan plan = PlanOf(operation.requested, layout);
  operation.spec = plan.spec;
  operation.run =
      std::make_unique<ChannelRun>(plan, layout, m_ranks, m_transport, slot, group.channel);
}

// Starts the member's operations that are due; a loop, since those without steps end at once.
void CollectiveEngine::StartNext(uint32_t communicator, uint32_t member_index) {
  CommunicatorState& state = m_states[communicator];
  MemberProgress& progress = state.members[member_index];
  while (progress.completed < progress.issued) {
    const uint32_t slot = state.slots[progress.completed - state.first_sequence];
    CollectiveOperation& operation = m_operations[slot];
    CollectiveMember& member = operation.members[member_index];
    const uint64_t now_ps = m_transport.NowPs();
    if (operation.started_count++ == 0) operation.start_ps = now_ps;
    operation.ready_ps = now_ps;
    member.start_ps = now_ps;
    member.phase = MemberPhase::kRunning;
    if (!Run(slot, member_index)) return;
  }
}

// Issues steps until one has something to wait for. Returns whether the member is complete.
bool CollectiveEngine::Run(uint32_t slot, uint32_t member_index) {
  CollectiveOperation& operation = m_operations[slot];
  const Communicator& group = m_communicators.At(operation.communicator);
  CollectiveMember& member = operation.members[member_index];
  if (operation.run != nullptr) {
    operation.run->Start(member_index);
    return false;
  }
  const uint32_t rank = group.members[member_index];
  MessageCookie cookie;
  cookie.slot = slot;
  cookie.src_gpu = m_ranks.GpuOf(rank);
  while (member.next_step < operation.step_count && member.receives_missing == 0 &&
         member.sends_outstanding == 0) {
    cookie.step = member.next_step++;
    operation.schedule->Step(member_index, cookie.step, m_actions);
    const StepArrivals::Step arrived = member.early.Take();
    if (arrived.count > m_actions.receives.size()) {
      throw std::logic_error("a schedule sends more than its peer receives");
    }
    member.receives_missing = static_cast<uint32_t>(m_actions.receives.size()) - arrived.count;
    member.missing_peers = arrived.peers;
    for (const ReceiveAction& receive : m_actions.receives) member.missing_peers ^= receive.peer;
    for (const SendAction& send : m_actions.sends) {
      const uint32_t peer = group.members[send.peer];
      cookie.dst_gpu = m_ranks.GpuOf(peer);
      ++member.sends_outstanding;
      const RankRoute route = m_ranks.Route(rank, peer);
      m_transport.SendMessage(route.src, route.dst, group.channel, send.size_bytes,
                              cookie.Encode());
    }
  }
  if (!IsComplete(operation, member)) return false;
  Complete(slot, member_index);
  return true;
}

bool CollectiveEngine::IsComplete(const CollectiveOperation& operation,
                                  const CollectiveMember& member) const {
  return member.next_step == operation.step_count && member.receives_missing == 0 &&
         member.sends_outstanding == 0;
}

// The member, or the engine behind the members, at an end of a message.
uint32_t CollectiveEngine::Participant(const CollectiveOperation& operation, uint32_t endpoint,
                                       uint32_t gpu) const {
  if (gpu == RankMap::kEngineGpu) {
    return LayoutOf(operation.communicator).EngineAt(endpoint);
  }
  return m_communicators.MemberIndex(m_communicators.At(operation.communicator).axis,
                                     m_ranks.RankAt(endpoint, gpu));
}

void CollectiveEngine::OnMessageReceived(uint32_t dst_host, uint32_t src_host,
                                         const MessageCookie& cookie) {
  CollectiveOperation& operation = m_operations[cookie.slot];
  const uint32_t peer = Participant(operation, src_host, cookie.src_gpu);
  const uint32_t member_index = Participant(operation, dst_host, cookie.dst_gpu);
  if (operation.run != nullptr) {
    const bool is_done = operation.run->OnReceived(member_index, peer, cookie.step);
    return AfterRun(cookie.slot, member_index, is_done);
  }
  CollectiveMember& member = operation.members[member_index];
  if (cookie.step >= member.next_step) {
    member.early.Count(cookie.step - member.next_step, peer);
    return;
  }
  if (cookie.step + 1 != member.next_step || member.receives_missing == 0) {
    throw std::logic_error("a message of a collective arrived twice");
  }
  member.missing_peers ^= peer;
  if (--member.receives_missing > 0 || member.sends_outstanding > 0) return;
  if (Run(cookie.slot, member_index)) StartNext(operation.communicator, member_index);
}

void CollectiveEngine::OnMessageTransmitted(uint32_t src_host, const MessageCookie& cookie) {
  CollectiveOperation& operation = m_operations[cookie.slot];
  const uint32_t communicator = operation.communicator;
  const uint32_t member_index = Participant(operation, src_host, cookie.src_gpu);
  if (operation.run != nullptr) {
    const bool is_done = operation.run->OnTransmitted(member_index, cookie.step);
    if (member_index >= operation.members.size()) return CloseEnded(communicator);
    return AfterRun(cookie.slot, member_index, is_done);
  }
  CollectiveMember& member = operation.members[member_index];
  if (--member.sends_outstanding > 0 || member.receives_missing > 0) return;
  if (Run(cookie.slot, member_index)) StartNext(communicator, member_index);
}

void CollectiveEngine::OnTimer(uint32_t host, const MessageCookie& cookie) {
  CollectiveOperation& operation = m_operations[cookie.slot];
  const uint32_t member_index = Participant(operation, host, cookie.src_gpu);
  AfterRun(cookie.slot, member_index, operation.run->OnTimer(member_index, cookie.step));
}

// The operation may be gone once its last member is done.
void CollectiveEngine::AfterRun(uint32_t slot, uint32_t member_index, bool is_done) {
  if (!is_done) return;
  const uint32_t communicator = m_operations[slot].communicator;
  Complete(slot, member_index);
  StartNext(communicator, member_index);
}

void CollectiveEngine::Complete(uint32_t slot, uint32_t member_index) {
  CollectiveOperation& operation = m_operations[slot];
  CollectiveMember& member = operation.members[member_index];
  member.phase = MemberPhase::kDone;
  ++m_states[operation.communicator].members[member_index].completed;
  const uint32_t rank = m_communicators.At(operation.communicator).members[member_index];
  m_completions.Push({rank, member.token, member.start_ps});
  operation.end_ps = m_transport.NowPs();
  ++operation.done_count;
  CloseEnded(operation.communicator);
}

// Members that have their result are done; that the last messages of reduction engines have arrived
// is known to the engines later.
void CollectiveEngine::CloseEnded(uint32_t communicator) {
  const std::deque<uint32_t>& slots = m_states[communicator].slots;
  while (!slots.empty()) {
    const CollectiveOperation& operation = m_operations[slots.front()];
    if (operation.done_count < operation.members.size()) return;
    if (operation.run != nullptr && !operation.run->AreEnginesIdle()) return;
    Close(slots.front());
  }
}

}  // namespace ddlsim
