// SPDX-License-Identifier: GPL-2.0-only
#include "congestion/timely.h"

#include <algorithm>

namespace ddlsim {

CongestionAlgorithm Timely::Describe() {
  return {
      "timely",
      "Timely",
      "Mittal et al., TIMELY, SIGCOMM 2015, algorithm 1",
      {{"Alpha",
        "EWMA weight of a new RTT difference [1] (0.02: the authors' code; the HPCC authors' "
        "simulator has 0.875).",
        ParameterKind::kNumber, 0.02, 1e-6, 1},
       {"Beta", "Multiplicative decrement factor [1] (section 4.3).", ParameterKind::kNumber, 0.8,
        0, 1},
       {"TLow", "T_low: below it the rate grows [time] (section 5).", ParameterKind::kTime, 50e6, 0,
        1e15},
       {"THigh", "T_high: above it the rate falls [time] (section 5).", ParameterKind::kTime, 500e6,
        0, 1e15},
       {"Delta",
        "Additive increment [share of the line rate]: 10 Mb/s on the paper's 10 Gb/s links.",
        ParameterKind::kNumber, 0.001, 0, 1},
       {"HaiThreshold", "N: completions before hyperactive increase, and its factor [count].",
        ParameterKind::kCount, 5, 1, 1e6},
       {"MinRtt", "D_minRTT, the unit of the gradient [time]; 0: the path's own loop.",
        ParameterKind::kTime, 0, 0, 1e15},
       {"Segment", "Acknowledged bytes per RTT sample [bytes] (16 KB: section 3.1).",
        ParameterKind::kBytes, 16000, 1, 1e12},
       {"MinRate", "Lowest rate [share of the line rate].", ParameterKind::kNumber, 0.001, 1e-6, 1},
       {"WindowTime",
        "The window is the present rate times this [time]; 0: none but the transport's (\"+w\" "
        "of HPCC, SIGCOMM 2019, section 5.1: the base RTT).",
        ParameterKind::kTime, 0, 0, 1e15},
       {"OncePerRtt",
        "Update once per round trip, by whole increments, which are hyperactive after N in a row "
        "wherever the RTT is (the HPCC authors' simulator).",
        ParameterKind::kSwitch, 0, 0, 1}},
      MakeAlgorithm<Timely>};
}

Timely::Timely(const ParameterValues& values, const CongestionControlContext& context)
    : m_alpha(values[kAlpha]),
      m_beta(values[kBeta]),
      m_t_low_ps(values[kTLow]),
      m_t_high_ps(values[kTHigh]),
      m_hai_threshold(static_cast<uint32_t>(values.Whole(kHaiThreshold))),
      m_min_rtt_ps(values[kMinRtt] != 0 ? values[kMinRtt] : static_cast<double>(context.loop_ps)),
      m_segment_bytes(values.Whole(kSegment)),
      m_line_bps(static_cast<double>(context.line_rate_bps)),
      m_rate_min_bps(values[kMinRate] * m_line_bps),
      m_window_ps(values[kWindowTime]),
      m_is_once_per_rtt(values[kOncePerRtt] != 0),
      m_rate_bps(m_line_bps) {
  m_delta_bps = values[kDelta] * m_line_bps;
}

void Timely::OnAck(const AckEvent& ack) {
  if (m_is_once_per_rtt) return UpdateOncePerRtt(ack);
  m_bytes += ack.acked_bytes;
  if (m_bytes < m_segment_bytes) return;
  m_bytes = 0;
  Update(static_cast<double>(ack.rtt_ps), static_cast<double>(ack.now_ps - m_updated_ps));
  m_updated_ps = ack.now_ps;
}

double Timely::SmoothGradient(double rtt_ps) {
  if (m_rtt_ps == 0) m_rtt_ps = rtt_ps;
  m_rtt_diff_ps = (1 - m_alpha) * m_rtt_diff_ps + m_alpha * (rtt_ps - m_rtt_ps);
  m_rtt_ps = rtt_ps;
  return m_rtt_diff_ps / m_min_rtt_ps;
}

void Timely::UpdateOncePerRtt(const AckEvent& ack) {
  if (static_cast<int32_t>(ack.una_psn - m_updated_psn) <= 0) return;
  m_updated_psn = ack.next_psn;
  const double rtt_ps = static_cast<double>(ack.rtt_ps);
  const double gradient = SmoothGradient(rtt_ps);
  double factor = 1;
  if (rtt_ps > m_t_high_ps) {
    factor = 1 - m_beta * (1 - m_t_high_ps / rtt_ps);
  } else if (rtt_ps >= m_t_low_ps && gradient > 0) {
    factor = std::max(1 - m_beta * gradient, 0.0);
  }
  if (factor < 1) {
    m_rounds = 0;
    m_rate_bps *= factor;
  } else {
    m_rate_bps += (m_rounds >= m_hai_threshold ? m_hai_threshold : 1) * m_delta_bps;
    ++m_rounds;
  }
  m_rate_bps = std::clamp(m_rate_bps, m_rate_min_bps, m_line_bps);
}

void Timely::Update(double rtt_ps, double elapsed_ps) {
  const double gradient = SmoothGradient(rtt_ps);
  const double share = std::min(elapsed_ps / m_min_rtt_ps, 1.0);
  const double before_bps = m_rate_bps;
  if (rtt_ps < m_t_low_ps) {
    m_rounds = 0;
    m_rate_bps += share * m_delta_bps;
  } else if (rtt_ps > m_t_high_ps) {
    m_rounds = 0;
    m_rate_bps *= 1 - share * m_beta * (1 - m_t_high_ps / rtt_ps);
  } else if (gradient <= 0) {
    m_rounds = std::min(m_rounds + 1, m_hai_threshold);
    m_rate_bps += (m_rounds >= m_hai_threshold ? m_hai_threshold : 1) * share * m_delta_bps;
  } else {
    m_rounds = 0;
    m_rate_bps *= 1 - m_beta * gradient;
  }
  m_rate_bps = std::max(m_rate_bps, before_bps / 2);
  m_rate_bps = std::clamp(m_rate_bps, m_rate_min_bps, m_line_bps);
}

// The paper leaves loss to the transport; a timeout is the longest RTT there is.
void Timely::OnTimeout(uint64_t) {
  m_rounds = 0;
  m_rate_bps = std::max(m_rate_bps * (1 - m_beta), m_rate_min_bps);
}

}  // namespace ddlsim
