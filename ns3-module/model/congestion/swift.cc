// SPDX-License-Identifier: GPL-2.0-only
#include "congestion/swift.h"

#include <algorithm>
#include <cmath>

namespace ddlsim {

CongestionAlgorithm Swift::Describe() {
  return {
      "swift",
      "Swift",
      "Kumar et al., Swift, SIGCOMM 2020, algorithm 1",
      {{"BaseTarget",
        "Base target delay [time]; 0: the path's own loop. (The paper prints its parameters "
        "without values; those here are the usual ones of other simulators.)",
        ParameterKind::kTime, 20e6, 0, 1e15},
       {"HopTarget", "Topology-based scaling: target added per hop [time] (section 3.5).",
        ParameterKind::kTime, 3e6, 0, 1e15},
       {"FsRange", "fs_range: most that flow-based scaling adds [time].", ParameterKind::kTime,
        100e6, 0, 1e15},
       {"FsMinCwnd", "fs_min_cwnd: window at which it adds the most [packets].",
        ParameterKind::kNumber, 0.1, 1e-6, 1e6},
       {"FsMaxCwnd", "fs_max_cwnd: window from which on it adds nothing [packets].",
        ParameterKind::kNumber, 100, 1e-6, 1e9},
       {"Ai", "ai: additive increment [packets per RTT].", ParameterKind::kNumber, 1, 0, 1e6},
       {"Beta", "beta: multiplicative decrease constant [1].", ParameterKind::kNumber, 0.8, 0, 1},
       {"MaxMdf", "max_mdf: greatest decrease at once [share of the window].",
        ParameterKind::kNumber, 0.5, 0, 1},
       {"MinCwnd", "min_cwnd [packets]; below 1 packets are paced.", ParameterKind::kNumber, 0.01,
        1e-6, 1e6},
       {"RetransmitReset",
        "RETX_RESET_THRESHOLD: timeouts in a row that bring the window to min_cwnd [count].",
        ParameterKind::kCount, 5, 1, 1e6}},
      MakeAlgorithm<Swift>};
}

Swift::Swift(const ParameterValues& values, const CongestionControlContext& context)
    : m_base_target_ps(
          (values[kBaseTarget] != 0 ? values[kBaseTarget] : static_cast<double>(context.loop_ps)) +
          values[kHopTarget] * context.hops),
      m_fs_range_ps(values[kFsRange]),
      m_ai(values[kAi]),
      m_beta(values[kBeta]),
      m_max_mdf(values[kMaxMdf]),
      m_min_cwnd(values[kMinCwnd]),
      m_max_cwnd(static_cast<double>(context.window_bytes) / context.frame_bytes),
      m_retransmit_reset(static_cast<uint32_t>(values.Whole(kRetransmitReset))),
      m_line_bps(static_cast<double>(context.line_rate_bps)),
      m_packet_bytes(context.frame_bytes),
      m_cwnd(m_max_cwnd),
      m_rtt_ps(context.loop_ps) {
  // Section 3.5: the two constants put fs_range at fs_min_cwnd and zero at fs_max_cwnd.
  const double least = 1 / std::sqrt(values[kFsMaxCwnd]);
  const double most = 1 / std::sqrt(values[kFsMinCwnd]);
  m_fs_alpha_ps = most > least ? m_fs_range_ps / (most - least) : 0;
  m_fs_beta_ps = -m_fs_alpha_ps * least;
}

double Swift::TargetPs() const {
  const double scaling_ps = m_fs_alpha_ps / std::sqrt(m_cwnd) + m_fs_beta_ps;
  return m_base_target_ps + std::clamp(scaling_ps, 0.0, m_fs_range_ps);
}

bool Swift::CanDecrease(uint64_t now_ps) const {
  return !m_has_decreased || now_ps - m_last_decrease_ps >= m_rtt_ps;
}

void Swift::SetCwnd(double cwnd, uint64_t now_ps) {
  cwnd = std::clamp(cwnd, std::min(m_min_cwnd, m_max_cwnd), m_max_cwnd);
  if (cwnd < m_cwnd) {
    m_last_decrease_ps = now_ps;
    m_has_decreased = true;
  }
  m_cwnd = cwnd;
}

void Swift::OnAck(const AckEvent& ack) {
  m_timeouts = 0;
  m_rtt_ps = ack.rtt_ps;
  const double delay_ps = static_cast<double>(ack.rtt_ps), target_ps = TargetPs();
  if (delay_ps < target_ps) {
    const double increment = m_ai * ack.acked_packets;
    SetCwnd(m_cwnd + (m_cwnd >= 1 ? increment / m_cwnd : increment), ack.now_ps);
  } else if (CanDecrease(ack.now_ps)) {
    const double excess = m_beta * (delay_ps - target_ps) / delay_ps;
    SetCwnd(std::max(1 - excess, 1 - m_max_mdf) * m_cwnd, ack.now_ps);
  }
}

void Swift::OnLoss(uint64_t now_ps) {
  if (CanDecrease(now_ps)) SetCwnd((1 - m_max_mdf) * m_cwnd, now_ps);
}

void Swift::OnTimeout(uint64_t now_ps) {
  if (++m_timeouts >= m_retransmit_reset) {
    SetCwnd(m_min_cwnd, now_ps);
  } else {
    OnLoss(now_ps);
  }
}

// Below one packet per RTT the window is one packet, and packets are paced.
double Swift::RateBps(uint64_t) {
  if (m_cwnd >= 1) return m_line_bps;
  const double paced_bps = m_cwnd * m_packet_bytes * 8e12 / static_cast<double>(m_rtt_ps);
  return std::min(paced_bps, m_line_bps);
}

uint64_t Swift::WindowBytes(uint64_t) {
  return static_cast<uint64_t>(std::max(m_cwnd, 1.0) * m_packet_bytes);
}

}  // namespace ddlsim
