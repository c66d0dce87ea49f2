// SPDX-License-Identifier: GPL-2.0-only
//
// DCQCN, the sender's side (reaction point): Zhu et al., "Congestion Control for Large-Scale RDMA
// Deployments", SIGCOMM 2015, section 3.1 and figure 7. Marking is the fabric's (EcnConfig), the
// notification point is the NIC's (NicConfig::cnp_interval_ps).
#pragma once

#include "nic/congestion-control.h"

namespace ddlsim {

struct DcqcnConfig {
  double g = 1.0 / 256;                    // gain of alpha
  uint64_t alpha_timer_ps = 55000000;      // K: without CNP for this long, alpha decays
  uint64_t rate_timer_ps = 55000000;       // T: rate increase timer
  uint64_t byte_counter_bytes = 10000000;  // B: rate increase byte counter
  uint32_t fast_recovery_steps = 5;        // F
  // R_AI and R_HAI: 40 Mb/s on 40 Gb/s links in the paper; here shares of the line rate.
  double rai_per_line_rate = 0.001;
  double rhai_per_line_rate = 0.01;
  double rate_min_per_line_rate = 0.001;
};

class Dcqcn : public CongestionControl {
 public:
  Dcqcn(const DcqcnConfig& config, const CongestionControlContext& context);

  double RateBps(uint64_t now_ps) override;
  void OnSent(uint64_t now_ps, uint32_t frame_bytes) override;
  void OnCnp(uint64_t now_ps) override;

  double Alpha() const { return m_alpha; }
  double TargetRateBps() const { return m_target_bps; }

 private:
  void CatchUp(uint64_t now_ps);
  void Increase();

  DcqcnConfig m_config;
  double m_line_bps;
  double m_current_bps;  // R_C
  double m_target_bps;   // R_T
  double m_alpha = 1.0;
  bool m_limited = false;  // a CNP has come since the line rate was last reached
  uint64_t m_alpha_due_ps = 0;
  uint64_t m_rate_due_ps = 0;
  uint64_t m_bytes = 0;        // since the last byte counter event
  uint32_t m_timer_steps = 0;  // T
  uint32_t m_byte_steps = 0;   // BC
};

}  // namespace ddlsim
