// SPDX-License-Identifier: GPL-2.0-only
//
// DCQCN, the sender's side (reaction point): Zhu et al., "Congestion Control for Large-Scale RDMA
// Deployments", SIGCOMM 2015, section 3.1 and figure 7. Marking is the fabric's (EcnConfig), the
// notification point is the NIC's (NicConfig::cnp_interval_ps).
#pragma once

#include "congestion/congestion-control.h"

namespace ddlsim {

class Dcqcn : public CongestionControl {
 public:
  // Positions of the parameters.
  enum : size_t {
    kG,
    kAlphaTimer,
    kRateTimer,
    kByteCounter,
    kFastRecoverySteps,
    kRai,
    kRhai,
    kRateMin,
    kDecreaseInterval,
    kWindowTime,
    kTimerOnly,
    kKeepTarget
  };
  static CongestionAlgorithm Describe();
  Dcqcn(const ParameterValues& values, const CongestionControlContext& context);

  double RateBps(uint64_t now_ps) override;
  uint64_t WindowBytes(uint64_t now_ps) override;
  void OnSent(uint64_t now_ps, uint32_t frame_bytes) override;
  void OnCnp(uint64_t now_ps) override;

  double Alpha() const { return m_alpha; }
  double TargetRateBps() const { return m_target_bps; }

 private:
  void CatchUp(uint64_t now_ps);
  void Increase();
  void RaiseTarget();

  // Parameters: g, K, T, B, F, R_AI, R_HAI.
  double m_g;
  uint64_t m_alpha_timer_ps;
  uint64_t m_rate_timer_ps;
  uint64_t m_byte_counter_bytes;
  uint32_t m_fast_recovery_steps;
  double m_line_bps;
  double m_rai_bps;
  double m_rhai_bps;
  double m_rate_min_bps;
  uint64_t m_decrease_interval_ps;
  double m_window_ps;
  bool m_is_timer_only;
  bool m_keeps_target;
  double m_current_bps;  // R_C
  double m_target_bps;   // R_T
  double m_alpha = 1.0;
  bool m_limited = false;  // a CNP has come since the line rate was last reached
  uint64_t m_alpha_due_ps = 0;
  uint64_t m_rate_due_ps = 0;
  uint64_t m_next_decrease_ps = 0;
  uint64_t m_bytes = 0;        // since the last byte counter event
  uint32_t m_timer_steps = 0;  // T
  uint32_t m_byte_steps = 0;   // BC
};

}  // namespace ddlsim
