// SPDX-License-Identifier: GPL-2.0-only
//
// State of queue pairs and of the messages on them. A queue pair is one direction of a connection
// between two NICs: a SendQueuePair at the source, a ReceiveQueuePair at the destination.
#pragma once

#include <cstdint>
#include <memory>

#include "congestion/congestion-control.h"
#include "fabric/time.h"
#include "nic/selective-repeat.h"

namespace ddlsim {

constexpr uint32_t kNone = UINT32_MAX;

struct Message {
  uint64_t size_bytes;
  uint64_t cookie;
  uint64_t start_ps;
  uint32_t first_psn;
  uint32_t packet_count;
  uint32_t next;             // on its queue pair
  uint32_t retransmissions;  // packets
  uint32_t queue_pair;

  uint32_t EndPsn() const { return first_psn + packet_count; }
};

// Three cache lines: what an acknowledgement touches, what sending a packet touches besides, the
// rest. With a queue pair per peer none of them is in cache when it is needed.
struct alignas(64) SendQueuePair {
  uint32_t next_psn = 0;          // to be sent next
  uint32_t una_psn = 0;           // oldest unacknowledged
  uint32_t una_end_psn = 0;       // one past the last packet of una_message
  uint32_t una_message = kNone;   // that una_psn belongs to, or kNone: all acknowledged
  uint32_t next_message = kNone;  // that next_psn belongs to, or kNone: nothing to send
  uint32_t next_active = kNone;   // in its host's round of senders
  // Bytes of frames without RETH before next_psn, and of all that are known to have arrived.
  uint64_t next_offset = 0;
  uint64_t una_offset = 0;
  uint64_t window_bytes = 0;
  uint64_t progress_ps = 0;   // when something was last sent or acknowledged
  uint16_t timeouts = 0;      // in a row
  bool has_lost = false;      // selective repeat: there may be something to send again
  bool is_active = false;     // in the round
  bool is_timer_set = false;  // a retransmission timer event is under way
  bool is_wake_set = false;   // a pacing event is under way
  bool is_failed = false;     // retry limit exceeded
  uint8_t link_class = 0;     // NicConfig::link_class_of_host of both ends

  uint32_t src_host = 0;
  uint32_t dst_host = 0;
  uint32_t flow_hash = 0;
  uint32_t peer_queue_pair = 0;  // ReceiveQueuePair
  uint32_t transmissions = 0;
  uint32_t highest_psn = 0;  // beyond the last one ever sent: below it, a send is a retransmission
  // Copies of next_message's fields.
  uint64_t message_bytes = 0;
  uint64_t message_cookie = 0;
  uint64_t message_start_ps = 0;
  uint32_t message_first_psn = 0;
  uint32_t message_end_psn = 0;
  uint32_t message_retransmissions = 0;
  uint32_t last_message = kNone;

  uint64_t next_send_ps = 0;  // pacing
  uint64_t timeout_ps = 0;
  uint32_t profile = 0;    // of its path
  uint32_t asked_psn = 0;  // one past the last packet that asked for an acknowledgement
  uint16_t channel = 0;
  bool is_foreign = false;  // stands for its host's ForeignTraffic in the round
  std::unique_ptr<CongestionControl> congestion_control;
  std::unique_ptr<SackScoreboard> sack;  // selective repeat, from the first loss on

  uint64_t InFlightBytes() const { return next_offset - una_offset; }
};
static_assert(sizeof(SendQueuePair) == 192, "three cache lines");

struct ReceiveQueuePair {
  uint32_t expected_psn = 0;
  uint32_t unacknowledged = 0;  // packets since the last acknowledgement
  uint32_t sender_queue_pair = 0;
  uint32_t flow_hash = 0;      // of acknowledgements
  uint32_t transmissions = 0;  // of acknowledgements
  uint32_t src_host = 0;
  uint16_t channel = 0;
  bool is_nak_sent = false;  // for the present gap
  uint8_t link_class = 0;
  uint32_t marked = 0;                     // packets with ECN marks since the last acknowledgement
  uint64_t received_bytes = 0;             // of the present message
  uint64_t next_cnp_ps = 0;                // no congestion notification before
  std::unique_ptr<ReorderBuffer> reorder;  // selective repeat, from the first gap on
};

}  // namespace ddlsim
