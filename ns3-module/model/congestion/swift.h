// SPDX-License-Identifier: GPL-2.0-only
//
// Swift: Kumar et al., "Swift: Delay is Simple and Effective for Congestion Control in the
// Datacenter", SIGCOMM 2020, algorithm 1 and section 3. Fabric delay alone: simulated hosts take
// no time to receive.
#pragma once

#include "congestion/congestion-control.h"

namespace ddlsim {

class Swift : public CongestionControl {
 public:
  // Positions of the parameters.
  enum : size_t {
    kBaseTarget,
    kHopTarget,
    kFsRange,
    kFsMinCwnd,
    kFsMaxCwnd,
    kAi,
    kBeta,
    kMaxMdf,
    kMinCwnd,
    kRetransmitReset
  };
  static CongestionAlgorithm Describe();
  Swift(const ParameterValues& values, const CongestionControlContext& context);

  double RateBps(uint64_t now_ps) override;
  uint64_t WindowBytes(uint64_t now_ps) override;
  void OnAck(const AckEvent& ack) override;
  void OnLoss(uint64_t now_ps) override;
  void OnTimeout(uint64_t now_ps) override;

  // The delay that the window aims at now.
  double TargetPs() const;
  double Cwnd() const { return m_cwnd; }

 private:
  void SetCwnd(double cwnd, uint64_t now_ps);
  bool CanDecrease(uint64_t now_ps) const;

  double m_base_target_ps;  // hops included
  double m_fs_range_ps;
  double m_fs_alpha_ps;
  double m_fs_beta_ps;
  double m_ai;
  double m_beta;
  double m_max_mdf;
  double m_min_cwnd;
  double m_max_cwnd;
  uint32_t m_retransmit_reset;
  double m_line_bps;
  double m_packet_bytes;
  double m_cwnd;  // packets
  uint64_t m_rtt_ps;
  uint64_t m_last_decrease_ps = 0;
  bool m_has_decreased = false;
  uint32_t m_timeouts = 0;  // in a row
};

}  // namespace ddlsim
