// SPDX-License-Identifier: GPL-2.0-only
//
// Frames of another stack on the same ports: a host's port takes turns between its queue pairs and
// its foreign frames, and the fabric carries, marks, drops and loses both alike. What a frame holds
// stays with whoever implements this interface, under a handle.
#pragma once

#include <cstdint>

namespace ddlsim {

struct ForeignFrame {
  uint32_t dst_host = 0;
  uint32_t size_bytes = 0;    // Ethernet header to FCS, below 65536
  uint32_t flow_hash = 0;     // selects among equal-cost paths
  uint32_t transmission = 0;  // counts the frames with this hash: the item of random draws
  uint64_t handle = 0;
  bool has_payload = true;  // else it counts as an acknowledgement
  bool is_ecn_capable = false;
};

class ForeignTraffic {
 public:
  virtual ~ForeignTraffic() = default;
  virtual bool HasFrame(uint32_t host) const = 0;
  // The frame that leaves next; called only where HasFrame(). Each handle comes back exactly once,
  // in OnArrival() or OnGone(), which for a first link that loses frames is during the
  // transmission.
  virtual ForeignFrame NextFrame(uint32_t host) = 0;
  // The frame of the last NextFrame(host) has the port until `end_ps`.
  virtual void OnTransmitting(uint32_t /*host*/, uint64_t /*end_ps*/) {}
  virtual void OnArrival(uint32_t host, uint64_t handle, bool is_marked) = 0;
  // A switch dropped the frame, its buffer being full, or else a link lost it.
  virtual void OnGone(uint64_t handle, bool is_dropped) = 0;
};

}  // namespace ddlsim
