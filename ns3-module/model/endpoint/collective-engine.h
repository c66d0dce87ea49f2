// SPDX-License-Identifier: GPL-2.0-only
//
// Executes the schedules of collectives for all ranks.
//
// A rank's operations on one communicator run one after another, in the order in which it issued
// them, as on one NCCL communicator; the k-th of one member belongs to the k-th of every other.
// Operations on different communicators run side by side. A rank's part is complete when all its
// receives have arrived and all its sends have been transmitted; acknowledgements are not awaited.
// So is each step: the sends of a step wait for those before them to leave, else the children of a
// tree would share their parent's port, and the first, on whom most depends, would get its data
// last.
//
// A message may arrive before its receiver has come that far: it is counted. Invariants:
// 1. A slot is in use from the first member's issue until the last member's completion; messages of
//    an operation are in flight only within that time (but for acknowledgements, which are
//    ignored).
// 2. What a rank does follows from its own events alone, so the order of simultaneous events at
//    different hosts changes no result. Records of one time are sorted before they are reported.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "endpoint/collective-operation.h"
#include "endpoint/collective-record.h"
#include "endpoint/communicator-table.h"
#include "endpoint/completion-queue.h"
#include "endpoint/endpoint-config.h"
#include "endpoint/group-layout.h"
#include "endpoint/message-cookie.h"
#include "endpoint/rank-map.h"
#include "endpoint/share-sizes.h"
#include "nic/transport.h"

namespace ddlsim {

class CollectiveEngine {
 public:
  // All arguments outlive the engine; `observer` may be null.
  CollectiveEngine(const RankMap& ranks, const CommunicatorTable& communicators,
                   const EndpointConfig& config, Transport& transport, CompletionQueue& completions,
                   CollectiveObserver* observer);

  // Issues `rank`'s next operation on its communicator of `axis`. Completion goes to the queue with
  // `token`, possibly before this returns. Throws InputError where the rank is in no group of the
  // axis, the members disagree, or the collective has no such algorithm.
  void Issue(uint32_t rank, uint32_t axis, const CollectiveRequest& request, uint64_t token);

  // Throws InputError for what Issue() and its messages would refuse on this communicator.
  void Check(uint32_t communicator, const CollectiveRequest& request) const;

  void OnMessageReceived(uint32_t dst_host, uint32_t src_host, const MessageCookie& cookie);
  void OnMessageTransmitted(uint32_t src_host, const MessageCookie& cookie);
  void OnTimer(uint32_t host, const MessageCookie& cookie);  // of a library's channel

  // Reports the collectives that ended before `now_ps`; kNeverPs: all.
  void ReportUntil(uint64_t now_ps) {
    if (!m_ended.empty() && m_ended_ps < now_ps) ReportEnded();
  }

  // What `rank`'s operations wait for, at most `count_max` of them, by axis and order of issue.
  void DescribeWaiting(uint32_t rank, size_t count_max, std::vector<WaitingOperation>& out) const;

  uint32_t OperationsInFlight() const { return m_slots_in_use; }
  size_t SlotCount() const { return m_operations.size(); }

 private:
  struct MemberProgress {
    uint64_t issued = 0;
    uint64_t completed = 0;
  };
  struct CommunicatorState {
    std::deque<uint32_t> slots;   // of the operations in flight, consecutive
    uint64_t first_sequence = 0;  // of slots.front()
    std::vector<MemberProgress> members;
  };
  struct EndedCollective {
    CollectiveRecord record;
    uint64_t sequence = 0;
  };

  std::unique_ptr<Schedule> ScheduleOf(const CollectiveSpec& spec) const;
  CollectiveSpec SpecOf(uint32_t communicator, const CollectiveRequest& request) const;
  const GroupLayout& LayoutOf(uint32_t communicator) const;
  void ResolveNodes(uint32_t communicator, CollectiveSpec& spec) const;
  uint32_t Open(uint32_t communicator, uint64_t sequence, const CollectiveRequest& request,
                uint32_t rank);
  bool IsByPeers(const CollectiveSpec& spec) const;
  bool IsByChannels(const CollectiveSpec& spec) const;
  ChannelPlan PlanOf(const CollectiveSpec& spec, const GroupLayout& layout) const;
  uint32_t Participant(const CollectiveOperation& operation, uint32_t endpoint, uint32_t gpu) const;
  void OpenSchedule(CollectiveOperation& operation);
  void OpenRun(CollectiveOperation& operation, uint32_t slot);
  void AfterRun(uint32_t slot, uint32_t member_index, bool is_done);
  void CheckAgreement(const CollectiveOperation& operation, const CollectiveRequest& request,
                      uint32_t rank) const;
  void StartNext(uint32_t communicator, uint32_t member_index);
  bool Run(uint32_t slot, uint32_t member_index);
  bool IsComplete(const CollectiveOperation& operation, const CollectiveMember& member) const;
  void Complete(uint32_t slot, uint32_t member_index);
  void CloseEnded(uint32_t communicator);
  void Close(uint32_t slot);
  uint64_t Bound(const CollectiveOperation& operation) const;
  uint64_t PortBound(const CollectiveOperation& operation, bool has_up, bool has_out) const;
  uint64_t RingBound(const CollectiveOperation& operation) const;
  void ReportEnded();
  std::string DescribeOperation(const CollectiveOperation& operation) const;
  std::string WaitsFor(const CollectiveOperation& operation, uint32_t member_index) const;
  std::string MissingMessages(const CollectiveOperation& operation,
                              const CollectiveMember& member) const;

  const RankMap& m_ranks;
  const CommunicatorTable& m_communicators;
  const EndpointConfig& m_config;
  Transport& m_transport;
  CompletionQueue& m_completions;
  CollectiveObserver* m_observer;

  std::vector<CommunicatorState> m_states;                      // by communicator
  mutable std::vector<std::unique_ptr<GroupLayout>> m_layouts;  // the same, once they are asked for
  mutable ShareSizes m_share_sizes;
  std::deque<CollectiveOperation> m_operations;  // by slot; a deque, since they must not move
  std::vector<uint32_t> m_free_slots;
  uint32_t m_slots_in_use = 0;
  StepActions m_actions;                 // scratch: SendMessage() never calls back
  std::vector<EndedCollective> m_ended;  // at m_ended_ps
  uint64_t m_ended_ps = 0;
  uint64_t m_next_record_id = 0;
};

}  // namespace ddlsim
