// SPDX-License-Identifier: GPL-2.0-only
//
// Sends and receives between two ranks, matched per (source, destination, tag) in the order in
// which they were posted. A message without a posted receive waits in a queue of its size alone. A
// send is complete when it is acknowledged, a receive when its data has arrived.
//
// Under a library a send is launched first and then goes piece by piece, see library/peer-plan.h;
// the sends of a rank to GPUs of its node share the copy rate of its own. Those to one rank go one
// after the other. A copy takes no part in that: a GPU's copy engine writes into memory of a GPU on
// the same scale-up network, which costs what that network takes. Elsewhere it is a send like
// others.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "endpoint/completion-queue.h"
#include "endpoint/message-cookie.h"
#include "endpoint/rank-map.h"
#include "library/peer-plan.h"
#include "nic/transport.h"

namespace ddlsim {

class PointToPoint {
 public:
  // All arguments outlive this. `library` null: messages cost what the network takes.
  PointToPoint(const RankMap& ranks, Transport& transport, CompletionQueue& completions,
               const LibraryConfig* library = nullptr);

  // Completion goes to the queue with `token`, possibly before PostReceive() returns. Throw
  // InputError for a peer outside the run or without a network between them, and where the sizes of
  // a send and of its receive differ.
  void PostSend(uint32_t rank, uint32_t peer, uint32_t tag, uint64_t size_bytes, uint64_t token,
                bool is_copy = false);
  void PostReceive(uint32_t rank, uint32_t peer, uint32_t tag, uint64_t size_bytes, uint64_t token);

  // Throws InputError where no message can go from `rank` to `peer`.
  void Check(uint32_t rank, uint32_t peer) const;

  void OnMessageReceived(uint32_t dst_host, const MessageCookie& cookie);
  void OnMessageAcknowledged(uint32_t src_host, const MessageCookie& cookie);

  void OnTimer(const MessageCookie& cookie);  // of a send under a library

  // What `rank`'s sends and receives wait for, appended to `out` until it has `count_max`.
  void DescribeWaiting(uint32_t rank, size_t count_max, std::vector<WaitingOperation>& out) const;

  uint32_t SendsInFlight() const { return m_sends_in_flight; }
  size_t SlotCount() const { return m_sends.size(); }

 private:
  struct Send {
    uint32_t src_rank = 0;
    uint32_t dst_rank = 0;
    uint32_t tag = 0;
    bool is_in_use = false;
    bool has_arrived = false;
    bool is_acknowledged = false;
    uint64_t size_bytes = 0;
    uint64_t left_bytes = 0;  // not handed to the network yet
    uint64_t start_ps = 0;
    uint64_t token = 0;
    uint32_t number = 0;     // among its rank's
    bool is_due = false;     // waits for sends to the same rank before it
    bool has_begun = false;  // its pieces take turns
  };
  struct Receive {
    uint64_t size_bytes = 0;
    uint64_t start_ps = 0;
    uint64_t token = 0;
  };
  // One (source, tag) at a destination. One of the two queues is empty.
  struct Matching {
    std::vector<Receive> posted;
    std::vector<uint64_t> arrived_bytes;
  };
  // A GPU's copy to others of its node, piece by piece of the sends that have begun.
  struct Copy {
    uint64_t free_ps = 0;
    std::deque<uint32_t> turns;  // slots
    bool is_armed = false;       // a timer is set for when it is free
  };
  using SourceAndTag = std::pair<uint32_t, uint32_t>;

  uint32_t TakeSlot();
  void Launch(uint32_t slot);
  void Begin(uint32_t slot);
  void Pump(uint32_t rank);
  uint64_t SendPiece(uint32_t slot, bool is_scale_up);
  void Hand(uint32_t slot, uint64_t size_bytes);
  void SetTimer(uint32_t slot, uint64_t delay_ps);
  void Release(uint32_t slot);

  const RankMap& m_ranks;
  Transport& m_transport;
  CompletionQueue& m_completions;
  std::optional<PeerCosts> m_costs;     // of a library
  std::vector<Copy> m_copies;           // by rank
  std::vector<uint32_t> m_send_counts;  // by rank
  // By sender and receiver: slots in the order of their sends, under a library.
  std::map<std::pair<uint32_t, uint32_t>, std::deque<uint32_t>> m_queues;
  std::vector<Send> m_sends;  // by slot
  std::vector<uint32_t> m_free_slots;
  uint32_t m_sends_in_flight = 0;
  std::vector<std::map<SourceAndTag, Matching>> m_matching;  // by destination rank
};

}  // namespace ddlsim
