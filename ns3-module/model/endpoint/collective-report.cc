// SPDX-License-Identifier: GPL-2.0-only
//
// What the engine says about collectives: records of those that ended, disagreements between
// members, and what the members of an unfinished one wait for.
#include <algorithm>
#include <tuple>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "base/rounding.h"
#include "endpoint/collective-engine.h"

namespace ddlsim {
namespace {

std::string DescribeCall(const CollectiveSpec& spec, std::string_view name) {
  std::string text = std::string(OperationName(spec)) + " '" + Printable(std::string(name)) +
                     "' of " + FormatSize(spec.size_bytes);
  if (IsRooted(spec.type)) text += ", root " + std::to_string(spec.root);
  if (spec.pair_bytes != nullptr) text += ", sizes by pair";
  return text + ", " + AlgorithmName(spec.algorithm);
}

// Of pairs; members that agree have the same table.
bool HaveSameSizes(const CollectiveSpec& a, const CollectiveSpec& b) {
  if (a.pair_bytes == b.pair_bytes) return true;
  return a.pair_bytes != nullptr && b.pair_bytes != nullptr && *a.pair_bytes == *b.pair_bytes;
}

}  // namespace

void CollectiveEngine::CheckAgreement(const CollectiveOperation& operation,
                                      const CollectiveRequest& request, uint32_t rank) const {
  if (rank == operation.first_issuer) return;
  const CollectiveSpec& agreed = operation.requested;
  const CollectiveSpec spec = SpecOf(operation.communicator, request);
  if (spec.type == agreed.type && spec.size_bytes == agreed.size_bytes &&
      spec.root == agreed.root && spec.algorithm == agreed.algorithm &&
      HaveSameSizes(spec, agreed)) {
    return;
  }
  throw InputError(m_communicators.Describe(operation.communicator),
                   "operation " + std::to_string(operation.sequence) + " is " +
                       DescribeCall(agreed, operation.first_name) + " at rank " +
                       std::to_string(operation.first_issuer) + " but " +
                       DescribeCall(spec, request.name) + " at rank " + std::to_string(rank),
                   "every rank of a group must issue the same collectives in the same order");
}

// Frees the slot: from here on no message of the operation is awaited anywhere.
void CollectiveEngine::Close(uint32_t slot) {
  CollectiveOperation& operation = m_operations[slot];
  const uint64_t now_ps = m_transport.NowPs();
  if (m_observer != nullptr) {
    ReportUntil(now_ps);
    EndedCollective ended;
    ended.sequence = operation.sequence;
    CollectiveRecord& record = ended.record;
    const Communicator& group = m_communicators.At(operation.communicator);
    record.name = std::string(operation.name);
    record.group = m_communicators.AxisName(group.axis);
    record.first_rank = group.members.front();
    record.spec = operation.spec;
    record.issue_ps = operation.issue_ps;
    record.start_ps = operation.start_ps;
    record.ready_ps = operation.ready_ps;
    record.end_ps = operation.end_ps;
    record.bound_ps = Bound(operation);
    if (operation.run != nullptr && m_config.library != nullptr) {
      const CollectiveRun::Figures figures = operation.run->GetFigures();
      record.model_ps = Rounded(figures.model_us * 1e6);
      record.protocol = figures.protocol;
      record.channels = figures.channels;
      // A barrier that the library runs as a small all_reduce.
      record.spec.type = operation.requested.type;
      record.spec.size_bytes = operation.requested.size_bytes;
    }
    m_ended_ps = now_ps;
    m_ended.push_back(std::move(ended));
  }
  operation.schedule.reset();
  operation.run.reset();
  CommunicatorState& state = m_states[operation.communicator];
  state.slots.pop_front();
  ++state.first_sequence;
  m_free_slots.push_back(slot);
  --m_slots_in_use;
}

void CollectiveEngine::ReportEnded() {
  std::sort(m_ended.begin(), m_ended.end(), [](const auto& a, const auto& b) {
    return std::tie(a.record.group, a.sequence, a.record.first_rank) <
           std::tie(b.record.group, b.sequence, b.record.first_rank);
  });
  for (EndedCollective& ended : m_ended) {
    ended.record.id = m_next_record_id++;
    m_observer->OnCollective(ended.record);
  }
  m_ended.clear();
}

std::string CollectiveEngine::DescribeOperation(const CollectiveOperation& operation) const {
  return std::string(OperationName(operation.spec)) + " of " +
         FormatSize(operation.spec.size_bytes) + " on " +
         m_communicators.Describe(operation.communicator) + ", operation " +
         std::to_string(operation.sequence);
}

std::string CollectiveEngine::MissingMessages(const CollectiveOperation& operation,
                                              const CollectiveMember& member) const {
  const Communicator& group = m_communicators.At(operation.communicator);
  const uint32_t step = member.next_step - 1;
  const std::string of_step =
      " of step " + std::to_string(step) + " of " + std::to_string(operation.step_count);
  if (member.receives_missing > 1) {
    return std::to_string(member.receives_missing) + " messages" + of_step + " have not arrived";
  }
  const CollectiveMember& peer = operation.members[member.missing_peers];
  return "the message" + of_step + " from rank " +
         std::to_string(group.members[member.missing_peers]) +
         (peer.next_step > step ? " was sent and has not arrived" : " has not been sent");
}

std::string CollectiveEngine::WaitsFor(const CollectiveOperation& operation,
                                       uint32_t member_index) const {
  const Communicator& group = m_communicators.At(operation.communicator);
  const CollectiveMember& member = operation.members[member_index];
  const MemberProgress& progress = m_states[operation.communicator].members[member_index];
  std::string text = DescribeOperation(operation);
  if (member.phase == MemberPhase::kIssued) {
    return text + ": queued behind operation " + std::to_string(progress.completed);
  }
  std::vector<uint32_t> absent;
  for (uint32_t i = 0; i < group.Size(); ++i) {
    if (operation.members[i].phase < MemberPhase::kRunning) absent.push_back(group.members[i]);
  }
  if (!absent.empty()) {
    text += absent.size() == 1 ? ": not started by rank " : ": not started by ranks ";
    text += FormatRanks(absent);
  }
  if (operation.run != nullptr && member.phase == MemberPhase::kRunning) {
    std::vector<uint32_t> peers;
    for (uint32_t peer : operation.run->WaitsFor(member_index)) {
      if (peer < group.Size()) peers.push_back(group.members[peer]);
    }
    if (!peers.empty()) text += ": waits for data of ranks " + FormatRanks(peers);
  }
  if (member.receives_missing > 0) text += ": " + MissingMessages(operation, member);
  if (member.sends_outstanding > 0) {
    text += ": " + std::to_string(member.sends_outstanding) + " messages are not transmitted";
  }
  return text;
}

void CollectiveEngine::DescribeWaiting(uint32_t rank, size_t count_max,
                                       std::vector<WaitingOperation>& out) const {
  for (uint32_t axis = 0; axis < m_communicators.AxisCount(); ++axis) {
    const uint32_t communicator = m_communicators.Find(axis, rank);
    if (communicator == CommunicatorTable::kNone) continue;
    const CommunicatorState& state = m_states[communicator];
    if (state.members.empty()) continue;
    const uint32_t member_index = m_communicators.MemberIndex(axis, rank);
    const MemberProgress& progress = state.members[member_index];
    for (uint64_t k = progress.completed; k < progress.issued && out.size() < count_max; ++k) {
      const CollectiveOperation& operation = m_operations[state.slots[k - state.first_sequence]];
      out.push_back({operation.members[member_index].token, WaitsFor(operation, member_index)});
    }
  }
}

}  // namespace ddlsim
