// SPDX-License-Identifier: GPL-2.0-only
//
// NSCC, the network-signalled congestion control of Ultra Ethernet: UE specification 1.0, section
// 3.6.13, which names SMaRTT (Bonato et al., later published as FASTFLOW) and STrack (Le et al.) as
// its origin. The sender's side; a window in bytes, moved by two signals, ECN marks (early, one
// bit) and queueing delay (late, graded).
#pragma once

#include "congestion/congestion-control.h"

namespace ddlsim {

class Nscc : public CongestionControl {
 public:
  // Positions of the parameters.
  enum : size_t {
    kConfigBaseRtt,
    kTargetQdelay,
    kMaxWnd,
    kAlpha,
    kFi,
    kFiScale,
    kEta,
    kGamma,
    kMaxMdJump,
    kDisableQuickAdapt,
    kQaThreshold,
    kQaGate,
    kAdjustBytesThreshold,
    kAdjustPeriodThreshold,
    kDelayAlpha,
    kClearDelay
  };
  static CongestionAlgorithm Describe();
  Nscc(const ParameterValues& values, const CongestionControlContext& context);

  double RateBps(uint64_t) override { return m_line_bps; }
  uint64_t WindowBytes(uint64_t now_ps) override;
  bool AskForAck(uint64_t in_flight_bytes) override;
  void OnSent(uint64_t now_ps, uint32_t frame_bytes) override;
  void OnAck(const AckEvent& ack) override;
  void OnLoss(uint64_t now_ps) override;
  void OnTimeout(uint64_t now_ps) override;

  double Cwnd() const { return m_cwnd_bytes; }
  double MaxWnd() const { return m_max_wnd_bytes; }
  double AverageDelayPs() const { return m_average_delay_ps; }
  double TargetPs() const { return m_target_ps; }

 private:
  void Begin(uint64_t now_ps);
  void OnTrim(uint64_t now_ps);
  void UpdateDelay(double delay_ps, double bytes);
  bool QuickAdapt(uint64_t now_ps, bool is_loss, bool is_marked, double delay_ps);
  void ProportionalIncrease(double bytes, double delay_ps);
  bool FastIncrease(double bytes, double delay_ps);
  void MultiplicativeDecrease(uint64_t now_ps);
  void FulfillAdjustment(uint64_t now_ps);
  void Shrink(double bytes);

  // Set once, in the units of their use.
  double m_line_bps;
  double m_mtu_bytes;        // a full packet's frame
  double m_base_rtt_ps;      // of the path
  double m_config_rtt_ps;    // config_base_rtt: of the network
  double m_target_ps;        // target_qdelay
  double m_max_wnd_bytes;    // max_wnd
  double m_alpha;            // bytes per ps
  double m_fi_bytes;         // fi
  double m_fi_scale;         // fi_scale
  double m_eta_bytes;        // eta
  double m_gamma;            // gamma
  double m_max_md_jump;      // max_md_jump
  double m_qa_threshold_ps;  // qa_threshold
  double m_qa_gate_bytes;    // MaxWnd >> qa_gate
  double m_adjust_bytes;     // adjust_bytes_threshold
  double m_adjust_ps;        // adjust_period_threshold
  double m_delay_alpha;      // 0: one window of data counts
  double m_clear_delay_ps;   // "delay ~= 0"
  double m_ack_bytes;        // what the receiver acknowledges unasked
  bool m_has_quick_adapt;

  double m_cwnd_bytes;
  double m_average_delay_ps = 0;
  double m_in_flight_bytes = 0;
  double m_achieved_bytes = 0;  // arrived since the last look of quick adapt
  double m_received_bytes = 0;  // arrived since the last adjustment
  double m_increase = 0;        // inc_bytes: squared bytes, divided by the window when applied
  double m_clear_bytes = 0;     // fi_count: arrived in a row without a mark and without delay
  double m_bytes_to_ignore = 0;
  double m_bytes_ignored = 0;
  double m_quick_adapt_ps = 0;  // qa_endtime; 0: none yet
  uint64_t m_last_adjust_ps = 0;
  uint64_t m_last_decrease_ps = 0;
  bool m_has_begun = false;
  bool m_is_fast = false;       // fast increase is under way
  bool m_has_asked = true;      // the last packet sent, for an acknowledgement
  bool m_was_trimmed = false;   // trigger_qa
  bool m_is_loss_told = false;  // by the acknowledgement at hand: it was a trimmed packet's
};

}  // namespace ddlsim
