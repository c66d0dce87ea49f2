// SPDX-License-Identifier: GPL-2.0-only
//
// Sends and receives between two ranks, matched per (source, destination, tag) in the order in
// which they were posted. A message without a posted receive waits in a queue of its size alone. A
// send is complete when it is acknowledged, a receive when its data has arrived.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "endpoint/completion-queue.h"
#include "endpoint/message-cookie.h"
#include "endpoint/rank-map.h"
#include "nic/transport.h"

namespace ddlsim {

class PointToPoint {
 public:
  // All arguments outlive this.
  PointToPoint(const RankMap& ranks, Transport& transport, CompletionQueue& completions);

  // Completion goes to the queue with `token`, possibly before PostReceive() returns. Throw
  // InputError for a peer outside the run or without a network between them, and where the sizes of
  // a send and of its receive differ.
  void PostSend(uint32_t rank, uint32_t peer, uint32_t tag, uint64_t size_bytes, uint64_t token);
  void PostReceive(uint32_t rank, uint32_t peer, uint32_t tag, uint64_t size_bytes, uint64_t token);

  // Throws InputError where no message can go from `rank` to `peer`.
  void Check(uint32_t rank, uint32_t peer) const;

  void OnMessageReceived(uint32_t dst_host, const MessageCookie& cookie);
  void OnMessageAcknowledged(uint32_t src_host, const MessageCookie& cookie);

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
    uint64_t start_ps = 0;
    uint64_t token = 0;
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
  using SourceAndTag = std::pair<uint32_t, uint32_t>;

  void Release(uint32_t slot);

  const RankMap& m_ranks;
  Transport& m_transport;
  CompletionQueue& m_completions;
  std::vector<Send> m_sends;  // by slot
  std::vector<uint32_t> m_free_slots;
  uint32_t m_sends_in_flight = 0;
  std::vector<std::map<SourceAndTag, Matching>> m_matching;  // by destination rank
};

}  // namespace ddlsim
