// SPDX-License-Identifier: GPL-2.0-only
#include "congestion/dcqcn.h"

#include <algorithm>

namespace ddlsim {

CongestionAlgorithm Dcqcn::Describe() {
  const char* const source =
      "Zhu et al., Congestion Control for Large-Scale RDMA Deployments, SIGCOMM 2015";
  // R_AI and R_HAI: 40 Mb/s and 400 Mb/s on 40 Gb/s links in the paper; here shares of the rate.
  return {
      "dcqcn",
      "Dcqcn",
      source,
      {{"G", "Gain of alpha [1].", ParameterKind::kNumber, 1.0 / 256, 0, 1},
       {"AlphaTimer", "K: alpha decays after this long without CNP [time].", ParameterKind::kTime,
        55e6, 1e3, 1e15},
       {"RateTimer", "T: period of rate increases [time].", ParameterKind::kTime, 55e6, 1e3, 1e15},
       {"ByteCounter", "B: sent bytes per rate increase [bytes].", ParameterKind::kBytes, 10e6, 1,
        1e15},
       {"FastRecoverySteps", "F: increases before additive increase [count].",
        ParameterKind::kCount, 5, 0, 1e6},
       {"Rai", "R_AI, additive increase [share of the line rate].", ParameterKind::kNumber, 0.001,
        0, 1},
       {"Rhai", "R_HAI, hyper increase [share of the line rate].", ParameterKind::kNumber, 0.01, 0,
        1},
       {"RateMin", "Lowest rate [share of the line rate].", ParameterKind::kNumber, 0.001, 1e-6, 1},
       {"DecreaseInterval",
        "Least time between two decreases of the rate [time]; 0: every CNP decreases it (4 us: the "
        "HPCC authors' simulator).",
        ParameterKind::kTime, 0, 0, 1e15},
       {"WindowTime",
        "The window is the present rate times this [time]; 0: none but the transport's (\"+w\" of "
        "HPCC, SIGCOMM 2019, section 5.1: the base RTT).",
        ParameterKind::kTime, 0, 0, 1e15},
       {"TimerOnly",
        "Increases follow the timer alone: F of fast recovery, one additive, then hyper increases "
        "(the HPCC authors' simulator).",
        ParameterKind::kSwitch, 0, 0, 1},
       {"KeepTarget",
        "A decrease before any increase leaves the target rate as it is (the same simulator).",
        ParameterKind::kSwitch, 0, 0, 1}},
      MakeAlgorithm<Dcqcn>,
      true};
}

Dcqcn::Dcqcn(const ParameterValues& values, const CongestionControlContext& context)
    : m_g(values[kG]),
      m_alpha_timer_ps(values.Whole(kAlphaTimer)),
      m_rate_timer_ps(values.Whole(kRateTimer)),
      m_byte_counter_bytes(values.Whole(kByteCounter)),
      m_fast_recovery_steps(static_cast<uint32_t>(values.Whole(kFastRecoverySteps))),
      m_line_bps(static_cast<double>(context.line_rate_bps)),
      m_rai_bps(values[kRai] * m_line_bps),
      m_rhai_bps(values[kRhai] * m_line_bps),
      m_rate_min_bps(values[kRateMin] * m_line_bps),
      m_decrease_interval_ps(values.Whole(kDecreaseInterval)),
      m_window_ps(values[kWindowTime]),
      m_is_timer_only(values[kTimerOnly] != 0),
      m_keeps_target(values[kKeepTarget] != 0),
      m_current_bps(m_line_bps),
      m_target_bps(m_line_bps) {}

// Performs, in order of time, the timer events that were due by now.
void Dcqcn::CatchUp(uint64_t now_ps) {
  while (m_limited && std::min(m_alpha_due_ps, m_rate_due_ps) <= now_ps) {
    if (m_alpha_due_ps <= m_rate_due_ps) {
      m_alpha *= 1 - m_g;
      m_alpha_due_ps += m_alpha_timer_ps;
    } else {
      ++m_timer_steps;
      m_rate_due_ps += m_rate_timer_ps;
      Increase();
    }
  }
}

// Fast recovery, additive increase or hyper increase, by how often each counter has expired.
void Dcqcn::RaiseTarget() {
  const uint32_t steps = m_fast_recovery_steps;
  if (m_is_timer_only) {
    if (m_timer_steps > steps) m_target_bps += m_timer_steps == steps + 1 ? m_rai_bps : m_rhai_bps;
  } else if (std::min(m_timer_steps, m_byte_steps) > steps) {
    m_target_bps += m_rhai_bps;
  } else if (std::max(m_timer_steps, m_byte_steps) > steps) {
    m_target_bps += m_rai_bps;
  }
}

void Dcqcn::Increase() {
  RaiseTarget();
  m_target_bps = std::min(m_target_bps, m_line_bps);
  m_current_bps = (m_target_bps + m_current_bps) / 2;
  // Halving never ends by itself; within a millionth of the line rate it is the line rate.
  if (m_current_bps > m_line_bps * (1 - 1e-6)) {
    m_current_bps = m_target_bps = m_line_bps;
    // The rate timer is idle at line rate; alpha goes on to decay until the next CNP asks for it.
  }
}

double Dcqcn::RateBps(uint64_t now_ps) {
  CatchUp(now_ps);
  return m_current_bps;
}

uint64_t Dcqcn::WindowBytes(uint64_t now_ps) {
  if (m_window_ps == 0) return UINT64_MAX;
  return static_cast<uint64_t>(RateBps(now_ps) * m_window_ps / 8e12);
}

void Dcqcn::OnSent(uint64_t now_ps, uint32_t frame_bytes) {
  if (!m_limited) return;
  CatchUp(now_ps);
  m_bytes += frame_bytes;
  if (m_bytes >= m_byte_counter_bytes) {
    m_bytes -= m_byte_counter_bytes;
    ++m_byte_steps;
    Increase();
  }
}

void Dcqcn::OnCnp(uint64_t now_ps) {
  CatchUp(now_ps);
  m_limited = true;
  const double alpha = m_alpha;
  m_alpha = (1 - m_g) * m_alpha + m_g;
  m_alpha_due_ps = now_ps + m_alpha_timer_ps;
  if (now_ps < m_next_decrease_ps) return;
  m_next_decrease_ps = now_ps + m_decrease_interval_ps;
  if (!m_keeps_target || m_timer_steps != 0) m_target_bps = m_current_bps;
  m_current_bps = std::max(m_current_bps * (1 - alpha / 2), m_rate_min_bps);
  m_rate_due_ps = now_ps + m_rate_timer_ps;
  m_timer_steps = 0;
  m_byte_steps = 0;
  m_bytes = 0;
}

}  // namespace ddlsim
