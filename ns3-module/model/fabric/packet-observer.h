// SPDX-License-Identifier: GPL-2.0-only
//
// What can be watched of single frames: at the hosts' ports every one, at any port what goes wrong.
// Observers change nothing; without one, each of these costs one predictable branch.
#pragma once

#include <cstdint>

#include "fabric/frame.h"

namespace ddlsim {

class PacketObserver {
 public:
  virtual ~PacketObserver() = default;
  // A host has given the frame to its port; its first bit leaves at `time_ps`, now or later. The
  // times of one host never decrease.
  virtual void OnSent(uint32_t host, const Frame& frame, uint64_t time_ps) = 0;
  // The frame's last bit has arrived at a host.
  virtual void OnReceived(uint32_t host, const Frame& frame, uint64_t time_ps) = 0;
  // No room in the buffer of the port's switch.
  virtual void OnDropped(uint32_t /*port*/, const Frame& /*frame*/, uint64_t /*time_ps*/) {}
  // Lost to an error of the port's link; seen when the frame is committed to the link.
  virtual void OnLost(uint32_t /*port*/, const Frame& /*frame*/, uint64_t /*time_ps*/) {}
  // The port's queue has marked the frame (ECN).
  virtual void OnMarked(uint32_t /*port*/, const Frame& /*frame*/, uint64_t /*time_ps*/) {}
  // The port's queue had no room and has cut off the frame's payload.
  virtual void OnTrimmed(uint32_t /*port*/, const Frame& /*frame*/, uint64_t /*time_ps*/) {}
  // Flow control holds back a class of the port's traffic for so many quanta; 0: lets it go.
  virtual void OnPaused(uint32_t /*port*/, uint32_t /*traffic_class*/, uint32_t /*quanta*/,
                        uint64_t /*time_ps*/) {}
};

}  // namespace ddlsim
