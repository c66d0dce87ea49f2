// SPDX-License-Identifier: GPL-2.0-only
//
// TIMELY: Mittal et al., "TIMELY: RTT-based Congestion Control for the Datacenter", SIGCOMM 2015,
// algorithm 1 and section 4, with what the authors' published code adds: increments in proportion
// to the time since the last one, and no decrease by more than half.
#pragma once

#include "congestion/congestion-control.h"

namespace ddlsim {

class Timely : public CongestionControl {
 public:
  // Positions of the parameters.
  enum : size_t {
    kAlpha,
    kBeta,
    kTLow,
    kTHigh,
    kDelta,
    kHaiThreshold,
    kMinRtt,
    kSegment,
    kMinRate,
    kWindowTime,
    kOncePerRtt
  };
  static CongestionAlgorithm Describe();
  Timely(const ParameterValues& values, const CongestionControlContext& context);

  double RateBps(uint64_t) override { return m_rate_bps; }
  uint64_t WindowBytes(uint64_t) override {
    if (m_window_ps == 0) return UINT64_MAX;
    return static_cast<uint64_t>(m_rate_bps * m_window_ps / 8e12);
  }
  void OnAck(const AckEvent& ack) override;
  void OnTimeout(uint64_t now_ps) override;

 private:
  void Update(double rtt_ps, double elapsed_ps);
  void UpdateOncePerRtt(const AckEvent& ack);
  double SmoothGradient(double rtt_ps);

  double m_alpha;
  double m_beta;
  double m_t_low_ps;
  double m_t_high_ps;
  double m_delta_bps;
  uint32_t m_hai_threshold;
  double m_min_rtt_ps;
  uint64_t m_segment_bytes;
  double m_line_bps;
  double m_rate_min_bps;
  double m_window_ps;
  bool m_is_once_per_rtt;
  double m_rate_bps;
  double m_rtt_ps = 0;       // the previous one; 0: none yet
  double m_rtt_diff_ps = 0;  // smoothed
  uint32_t m_rounds = 0;     // completions in a row with a gradient of at most zero
  uint64_t m_bytes = 0;      // acknowledged since the last update
  uint64_t m_updated_ps = 0;
  uint32_t m_updated_psn = 0;
};

}  // namespace ddlsim
