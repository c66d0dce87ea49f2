// SPDX-License-Identifier: GPL-2.0-only
//
// What is known about links and queues at the end of a run: filled by whoever owns the fabric.
#pragma once

#include <cstdint>
#include <string>

namespace ddlsim {

// One direction of a link.
struct LinkRecord {
  std::string link;    // name, the same for both directions or not, as the topology has it
  std::string source;  // node names
  std::string destination;
  uint64_t rate_bps = 0;
  uint64_t delay_ps = 0;
  uint64_t frames = 0;        // put on the wire, lost ones included
  uint64_t data_frames = 0;   // of these, those that carry payload
  uint64_t bytes = 0;         // frame bytes, without preamble and gap
  uint64_t busy_ps = 0;       // time in which the wire was in use
  uint64_t lost_frames = 0;   // by link errors
  uint64_t pause_frames = 0;  // of flow control, sent here: they hold back the other direction
  uint64_t paused_ps = 0;     // time in which flow control held back this direction, over classes
};

// The queue in front of one direction of a link.
struct QueueRecord {
  std::string node;
  uint32_t port = 0;            // number within the node
  std::string peer;             // node at the far end
  uint64_t capacity_bytes = 0;  // buffer that it shares with the node's other ports; 0: no limit
  uint64_t max_queue_bytes = 0;
  uint64_t ecn_marked_frames = 0;
  uint64_t dropped_frames = 0;  // buffer full
  uint64_t dropped_bytes = 0;
  uint64_t trimmed_frames = 0;  // forwarded without their payload
};

}  // namespace ddlsim
