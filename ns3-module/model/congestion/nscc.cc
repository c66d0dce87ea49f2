// SPDX-License-Identifier: GPL-2.0-only
#include "congestion/nscc.h"

#include <algorithm>
#include <cstdint>

namespace ddlsim {
namespace {

// The network that the specification's constants are made for: 100 Gb/s and 12 us (section
// 3.6.13.3). scaling_a is a network's bandwidth-delay product over this one's.
constexpr double kReferenceRttPs = 12e6;
constexpr double kReferenceBdpBytes = 150000;

double Or(double value, double otherwise) {
  return value != 0 ? value : otherwise;
}

}  // namespace

CongestionAlgorithm Nscc::Describe() {
  return {
      "nscc",
      "Nscc",
      "Ultra Ethernet specification 1.0, section 3.6.13",
      {{"ConfigBaseRtt", "config_base_rtt: round trip across the network [time]; 0: of the path.",
        ParameterKind::kTime, 0, 0, 1e15},
       {"TargetQdelay",
        "target_qdelay: queueing delay from which on a path is congested [time]; 0: "
        "config_base_rtt, and 3/4 of it where switches trim (section 3.6.13.3).",
        ParameterKind::kTime, 0, 0, 1e15},
       {"MaxWnd", "MaxWnd: greatest window, and the first [bandwidth-delay products].",
        ParameterKind::kNumber, 1.5, 1e-3, 1e3},
       {"Alpha",
        "alpha: proportional increase [packets times scaling_a times scaling_b, per "
        "target_qdelay] (section 3.6.13.3).",
        ParameterKind::kNumber, 4, 0, 1e6},
       {"Fi", "fi: fair increase [packets times scaling_a per RTT].", ParameterKind::kNumber, 5, 0,
        1e6},
       {"FiScale", "fi_scale: fast increase [scaling_a bytes per byte that arrived].",
        ParameterKind::kNumber, 0.25, 0, 1e3},
       {"Eta", "eta: increase with every adjustment period [packets times scaling_a].",
        ParameterKind::kNumber, 0.15, 0, 1e6},
       {"Gamma", "gamma: weight of the excess delay in a multiplicative decrease [1].",
        ParameterKind::kNumber, 0.8, 0, 1},
       {"MaxMdJump", "max_md_jump: what such a decrease leaves at least [share of the window].",
        ParameterKind::kNumber, 0.5, 0, 1},
       {"DisableQuickAdapt", "disable_quick_adapt [true, false].", ParameterKind::kSwitch, 0, 0, 1},
       {"QaThreshold",
        "qa_threshold: queueing delay that lets quick adapt act without a loss [time]; 0: 4 "
        "target_qdelay, and never where switches trim (section 3.6.13.3).",
        ParameterKind::kTime, 0, 0, 1e15},
       {"QaGate", "qa_gate: quick adapt acts below max_wnd / 2^qa_gate bytes arrived [count].",
        ParameterKind::kCount, 3, 0, 63},
       {"AdjustBytesThreshold",
        "adjust_bytes_threshold: bytes arrived after which increases are applied [packets].",
        ParameterKind::kNumber, 8, 0, 1e6},
       {"AdjustPeriodThreshold",
        "adjust_period_threshold: time after which they are, with eta [time]; 0: config_base_rtt.",
        ParameterKind::kTime, 0, 0, 1e15},
       {"DelayAlpha",
        "Weight of an acknowledgement in the average delay [1]; 0: its bytes over the window, so "
        "that about one RTT counts (section 3.6.13.6 leaves it open; htsim: 0.0125).",
        ParameterKind::kNumber, 0, 0, 1},
       {"ClearDelay",
        "Queueing delay that still is about none, for fast increase [time]; 0: 1/12 of the "
        "path's RTT (section 3.6.13.6 leaves it open; htsim: 1 us, of 12 us).",
        ParameterKind::kTime, 0, 0, 1e15}},
      MakeAlgorithm<Nscc>};
}

// Section 3.6.13.3: constants for the reference network, scaled to this one.
Nscc::Nscc(const ParameterValues& values, const CongestionControlContext& context)
    : m_line_bps(static_cast<double>(context.line_rate_bps)),
      m_mtu_bytes(context.frame_bytes),
      m_base_rtt_ps(static_cast<double>(context.base_rtt_ps)),
      m_config_rtt_ps(Or(values[kConfigBaseRtt], m_base_rtt_ps)),
      m_target_ps(Or(values[kTargetQdelay], m_config_rtt_ps * (context.has_trimming ? 0.75 : 1))),
      m_gamma(values[kGamma]),
      m_max_md_jump(values[kMaxMdJump]),
      m_qa_threshold_ps(Or(values[kQaThreshold], context.has_trimming ? 1e18 : 4 * m_target_ps)),
      m_adjust_bytes(values[kAdjustBytesThreshold] * m_mtu_bytes),
      m_adjust_ps(Or(values[kAdjustPeriodThreshold], m_config_rtt_ps)),
      m_delay_alpha(values[kDelayAlpha]),
      m_clear_delay_ps(Or(values[kClearDelay], m_base_rtt_ps / 12)),
      m_ack_bytes(context.ack_every * m_mtu_bytes),
      m_has_quick_adapt(!values.IsOn(kDisableQuickAdapt)) {
  const double scaling_a = m_line_bps * m_config_rtt_ps / 8e12 / kReferenceBdpBytes;
  const double scaling_b = m_target_ps / kReferenceRttPs;
  m_alpha = values[kAlpha] * m_mtu_bytes * scaling_a * scaling_b / m_target_ps;
  m_fi_bytes = values[kFi] * m_mtu_bytes * scaling_a;
  m_fi_scale = values[kFiScale] * scaling_a;
  m_eta_bytes = values[kEta] * m_mtu_bytes * scaling_a;
  // Beyond the transport's window a larger one would change nothing, nor would its decrease.
  const double wanted_bytes = values[kMaxWnd] * m_line_bps * m_base_rtt_ps / 8e12;
  m_max_wnd_bytes =
      std::max(std::min(wanted_bytes, static_cast<double>(context.window_bytes)), m_mtu_bytes);
  m_qa_gate_bytes = m_max_wnd_bytes / static_cast<double>(uint64_t{1} << values.Whole(kQaGate));
  m_cwnd_bytes = m_max_wnd_bytes;
}

// NSCC.CanSend: a packet leaves if inflight + MTU <= cwnd. The transport's rule is that less than
// the window is under way.
uint64_t Nscc::WindowBytes(uint64_t) {
  const double in_flight_bytes = m_cwnd_bytes - m_mtu_bytes;
  // A window that closes on the few packets that a receiver waits to see more of, would stay closed
  // until a timeout: one packet goes, and asks.
  const bool may_be_silent = !m_has_asked && m_in_flight_bytes < m_ack_bytes;
  return static_cast<uint64_t>(may_be_silent ? std::max(in_flight_bytes, m_in_flight_bytes)
                                             : in_flight_bytes) +
         1;
}

// NSCC.AckRequest: no further packet fits, or the receiver would wait for more than the window.
bool Nscc::AskForAck(uint64_t in_flight_bytes) {
  m_has_asked = m_cwnd_bytes - static_cast<double>(in_flight_bytes) < m_mtu_bytes ||
                m_cwnd_bytes < m_ack_bytes;
  return m_has_asked;
}

void Nscc::Begin(uint64_t now_ps) {
  if (m_has_begun) return;
  m_has_begun = true;
  m_last_adjust_ps = m_last_decrease_ps = now_ps;
}

void Nscc::OnSent(uint64_t now_ps, uint32_t frame_bytes) {
  Begin(now_ps);
  m_in_flight_bytes += frame_bytes;
}

// NSCC.OnACK. The path's least RTT, which senders have to learn, is known here from the start.
void Nscc::OnAck(const AckEvent& ack) {
  Begin(ack.now_ps);
  const double bytes = static_cast<double>(ack.acked_bytes);
  m_in_flight_bytes = static_cast<double>(ack.in_flight_bytes);
  m_bytes_ignored += bytes;
  m_received_bytes += bytes;
  m_achieved_bytes += bytes;
  m_is_loss_told = ack.is_trimmed;
  if (ack.is_trimmed) return OnTrim(ack.now_ps);
  // A short packet's round trip may be shorter than the full one's that the base is made of.
  const double delay_ps = std::max(static_cast<double>(ack.rtt_ps) - m_base_rtt_ps, 0.0);
  UpdateDelay(delay_ps, bytes);
  const bool is_marked = ack.marked_packets > 0;
  if (QuickAdapt(ack.now_ps, false, is_marked, delay_ps)) return;
  const bool is_late = delay_ps >= m_target_ps;
  if (!is_marked && is_late) {
    m_increase += m_fi_bytes * bytes;  // fair_increase
  } else if (!is_marked) {
    ProportionalIncrease(bytes, delay_ps);
  } else if (is_late) {
    MultiplicativeDecrease(ack.now_ps);
  }  // marked, and no delay yet: other paths may still take it
  if (static_cast<double>(ack.now_ps - m_last_adjust_ps) >= m_adjust_ps ||
      m_received_bytes > m_adjust_bytes) {
    FulfillAdjustment(ack.now_ps);
  }
}

// NSCC.OnNACK. A queue that trims is full: the delay it stands for is one base RTT.
void Nscc::OnTrim(uint64_t now_ps) {
  UpdateDelay(m_config_rtt_ps, m_mtu_bytes);
  m_bytes_ignored += m_mtu_bytes;
  m_was_trimmed = true;
  if (!QuickAdapt(now_ps, true, true, 0)) Shrink(m_mtu_bytes);
}

void Nscc::UpdateDelay(double delay_ps, double bytes) {
  const double weight = m_delay_alpha != 0 ? m_delay_alpha : std::min(bytes / m_cwnd_bytes, 1.0);
  m_average_delay_ps += weight * (delay_ps - m_average_delay_ps);
}

// Sets the window to what arrived in the last period, once per period. True when it did, or when
// the acknowledgement still belongs to what was under way when it last did.
bool Nscc::QuickAdapt(uint64_t now_ps, bool is_loss, bool is_marked, double delay_ps) {
  if (!m_has_quick_adapt) return false;
  bool is_done = false;
  if (m_bytes_ignored < m_bytes_to_ignore && is_marked) {
    is_done = true;
  } else if (static_cast<double>(now_ps) >= m_quick_adapt_ps) {
    const bool is_due = m_was_trimmed || is_loss || delay_ps > m_qa_threshold_ps;
    if (m_quick_adapt_ps != 0 && is_due && m_achieved_bytes < m_qa_gate_bytes) {
      m_cwnd_bytes = std::max(m_achieved_bytes, m_mtu_bytes);
      m_bytes_to_ignore = m_in_flight_bytes;
      m_bytes_ignored = 0;
      m_was_trimmed = false;
      is_done = true;
    }
    m_achieved_bytes = 0;
    m_quick_adapt_ps = static_cast<double>(now_ps) + m_base_rtt_ps + m_target_ps;
  }
  if (is_done) m_increase = m_received_bytes = 0;
  return is_done;
}

void Nscc::ProportionalIncrease(double bytes, double delay_ps) {
  if (FastIncrease(bytes, delay_ps)) return;
  m_increase += m_alpha * bytes * (m_target_ps - delay_ps);
}

// After one window without a mark and without delay the window grows with what arrives.
bool Nscc::FastIncrease(double bytes, double delay_ps) {
  if (delay_ps >= m_clear_delay_ps) {
    m_clear_bytes = 0;
    m_is_fast = false;
    return false;
  }
  m_clear_bytes += bytes;
  m_is_fast = m_is_fast || m_clear_bytes > m_cwnd_bytes;
  if (m_is_fast) m_cwnd_bytes = std::min(m_cwnd_bytes + bytes * m_fi_scale, m_max_wnd_bytes);
  return m_is_fast;
}

// At most once per base RTT.
void Nscc::MultiplicativeDecrease(uint64_t now_ps) {
  m_is_fast = false;
  m_clear_bytes = 0;
  if (m_average_delay_ps <= m_target_ps ||
      static_cast<double>(now_ps - m_last_decrease_ps) <= m_base_rtt_ps) {
    return;
  }
  const double excess = (m_average_delay_ps - m_target_ps) / m_average_delay_ps;
  m_cwnd_bytes *= std::max(1 - m_gamma * excess, m_max_md_jump);
  m_cwnd_bytes = std::max(m_cwnd_bytes, m_mtu_bytes);
  m_last_decrease_ps = now_ps;
}

void Nscc::FulfillAdjustment(uint64_t now_ps) {
  m_cwnd_bytes += m_increase / m_cwnd_bytes;
  if (static_cast<double>(now_ps - m_last_adjust_ps) >= m_adjust_ps) {
    m_last_adjust_ps = now_ps;
    m_cwnd_bytes += m_eta_bytes;
  }
  m_cwnd_bytes = std::min(m_cwnd_bytes, m_max_wnd_bytes);
  m_increase = m_received_bytes = 0;
}

void Nscc::Shrink(double bytes) {
  m_cwnd_bytes = std::max(m_cwnd_bytes - bytes, m_mtu_bytes);
}

// NSCC.OnInferredLoss, of one packet: a report names no more.
void Nscc::OnLoss(uint64_t) {
  if (m_is_loss_told) return;
  Shrink(m_mtu_bytes);
  m_bytes_ignored += m_mtu_bytes;
}

// The same of all that was under way.
void Nscc::OnTimeout(uint64_t) {
  Shrink(m_in_flight_bytes);
  m_bytes_ignored += m_in_flight_bytes;
  m_in_flight_bytes = 0;
}

}  // namespace ddlsim
