// SPDX-License-Identifier: GPL-2.0-only
//
// The interface of congestion control algorithms: one object per queue pair that is in use.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace ddlsim {

// What an algorithm may know of its queue pair when it is made.
struct CongestionControlContext {
  uint64_t line_rate_bps = 0;  // of the host's port
  uint64_t base_rtt_ps = 0;    // PathModel::LoopPs()
  uint64_t window_bytes = 0;   // the transport's own window, which stays in force
  uint32_t payload_bytes = 0;
};

// Times are the fabric's. An algorithm sets no timers: what is due by a time is done when it is
// asked next, so an idle queue pair costs nothing.
class CongestionControl {
 public:
  virtual ~CongestionControl() = default;
  // Before a frame is sent: the rate in force now, in bit/s of frame bytes.
  virtual double RateBps(uint64_t now_ps) = 0;
  // Bytes that may be unacknowledged now; UINT64_MAX leaves it to the transport's window.
  virtual uint64_t WindowBytes(uint64_t /*now_ps*/) { return UINT64_MAX; }
  virtual void OnSent(uint64_t /*now_ps*/, uint32_t /*frame_bytes*/) {}
  virtual void OnAck(uint64_t /*now_ps*/, uint64_t /*acked_bytes*/, uint64_t /*rtt_ps*/,
                     bool /*ecn_echo*/) {}
  virtual void OnCnp(uint64_t /*now_ps*/) {}
  virtual void OnLoss(uint64_t /*now_ps*/) {}
};

// Makes the algorithm of a run; an empty function stands for none (the window alone).
using CongestionControlFactory =
    std::function<std::unique_ptr<CongestionControl>(const CongestionControlContext&)>;

}  // namespace ddlsim
