// SPDX-License-Identifier: GPL-2.0-only
#include "nic/dcqcn.h"

#include <algorithm>

namespace ddlsim {

Dcqcn::Dcqcn(const DcqcnConfig& config, const CongestionControlContext& context)
    : m_config(config),
      m_line_bps(static_cast<double>(context.line_rate_bps)),
      m_current_bps(m_line_bps),
      m_target_bps(m_line_bps) {}

// Performs, in order of time, the timer events that were due by now.
void Dcqcn::CatchUp(uint64_t now_ps) {
  while (m_limited && std::min(m_alpha_due_ps, m_rate_due_ps) <= now_ps) {
    if (m_alpha_due_ps <= m_rate_due_ps) {
      m_alpha *= 1 - m_config.g;
      m_alpha_due_ps += m_config.alpha_timer_ps;
    } else {
      ++m_timer_steps;
      m_rate_due_ps += m_config.rate_timer_ps;
      Increase();
    }
  }
}

// Fast recovery, additive increase or hyper increase, by how often each counter has expired.
void Dcqcn::Increase() {
  const uint32_t steps = m_config.fast_recovery_steps;
  if (std::min(m_timer_steps, m_byte_steps) > steps) {
    m_target_bps += m_config.rhai_per_line_rate * m_line_bps;
  } else if (std::max(m_timer_steps, m_byte_steps) > steps) {
    m_target_bps += m_config.rai_per_line_rate * m_line_bps;
  }
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

void Dcqcn::OnSent(uint64_t now_ps, uint32_t frame_bytes) {
  if (!m_limited) return;
  CatchUp(now_ps);
  m_bytes += frame_bytes;
  if (m_bytes >= m_config.byte_counter_bytes) {
    m_bytes -= m_config.byte_counter_bytes;
    ++m_byte_steps;
    Increase();
  }
}

void Dcqcn::OnCnp(uint64_t now_ps) {
  CatchUp(now_ps);
  m_limited = true;
  m_target_bps = m_current_bps;
  m_current_bps =
      std::max(m_current_bps * (1 - m_alpha / 2), m_line_bps * m_config.rate_min_per_line_rate);
  m_alpha = (1 - m_config.g) * m_alpha + m_config.g;
  m_alpha_due_ps = now_ps + m_config.alpha_timer_ps;
  m_rate_due_ps = now_ps + m_config.rate_timer_ps;
  m_timer_steps = 0;
  m_byte_steps = 0;
  m_bytes = 0;
}

}  // namespace ddlsim
