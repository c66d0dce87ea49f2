// SPDX-License-Identifier: GPL-2.0-only
#include "congestion/hpcc.h"

#include <algorithm>

namespace ddlsim {
namespace {

bool IsBefore(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b) < 0;
}

double BaseRttPs(const ParameterValues& values, const CongestionControlContext& context) {
  return values[Hpcc::kBaseRtt] != 0 ? values[Hpcc::kBaseRtt]
                                     : static_cast<double>(context.base_rtt_ps);
}

}  // namespace

CongestionAlgorithm Hpcc::Describe() {
  CongestionAlgorithm algorithm{
      "hpcc",
      "Hpcc",
      "Li et al., HPCC, SIGCOMM 2019, algorithm 1",
      {{"Eta", "eta: target utilisation [1] (section 5.1).", ParameterKind::kNumber, 0.95, 0.01, 1},
       {"MaxStage", "maxStage: additive steps before a multiplicative one [count] (section 5.1).",
        ParameterKind::kCount, 5, 0, 1e6},
       {"Flows",
        "N: concurrent flows that the additive increase is made for, W_AI = W_init (1 - eta) / N "
        "[count] (section 3.3; 100 gives the 80 bytes of section 5.1).",
        ParameterKind::kNumber, 100, 1, 1e9},
       {"BaseRtt", "T: base round-trip time of the network [time]; 0: of the path.",
        ParameterKind::kTime, 0, 0, 1e15},
       {"MinRate", "Least rate, so that a flow never stops [bit/s].", ParameterKind::kNumber, 100e6,
        1, 1e15}},
      MakeAlgorithm<Hpcc>};
  algorithm.wants_telemetry = true;
  return algorithm;
}

Hpcc::Hpcc(const ParameterValues& values, const CongestionControlContext& context)
    : m_eta(values[kEta]),
      m_max_stage(static_cast<uint32_t>(values.Whole(kMaxStage))),
      m_base_rtt_ps(BaseRttPs(values, context)),
      m_window_max_bytes(static_cast<double>(context.line_rate_bps) * m_base_rtt_ps / 8e12),
      m_window_min_bytes(std::min(m_window_max_bytes, values[kMinRate] * m_base_rtt_ps / 8e12)),
      m_window_ai_bytes(m_window_max_bytes * (1 - m_eta) / values[kFlows]),
      m_window_bytes(m_window_max_bytes),
      m_reference_bytes(m_window_max_bytes) {}

// Lines 1 to 11. `now` has the hops of m_last.
double Hpcc::MeasureInflight(const Telemetry& now) {
  double most = 0, most_ps = 0;
  for (uint32_t i = 0; i < now.hops; ++i) {
    const HopTelemetry &hop = now.hop[i], &last = m_last.hop[i];
    if (hop.time_ps <= last.time_ps) continue;
    const double time_ps = static_cast<double>(hop.time_ps - last.time_ps);
    const double tx_bps = 8e12 * static_cast<double>(hop.tx_bytes - last.tx_bytes) / time_ps;
    const double rate_bps = static_cast<double>(hop.rate_bps);
    const double queued_bits =
        8.0 * static_cast<double>(std::min(hop.queued_bytes, last.queued_bytes));
    const double inflight = queued_bits * 1e12 / (rate_bps * m_base_rtt_ps) + tx_bps / rate_bps;
    if (inflight <= most) continue;
    most = inflight;
    most_ps = time_ps;
  }
  const double weight = std::min(most_ps, m_base_rtt_ps) / m_base_rtt_ps;
  m_utilisation = (1 - weight) * m_utilisation + weight * most;
  return m_utilisation;
}

// Lines 12 to 20.
void Hpcc::ComputeWind(double utilisation, bool updates_reference) {
  const bool is_multiplicative = utilisation >= m_eta || m_stage >= m_max_stage;
  m_window_bytes = is_multiplicative ? m_reference_bytes / (utilisation / m_eta) + m_window_ai_bytes
                                     : m_reference_bytes + m_window_ai_bytes;
  m_window_bytes = std::clamp(m_window_bytes, m_window_min_bytes, m_window_max_bytes);
  if (!updates_reference) return;
  m_stage = is_multiplicative ? 0 : m_stage + 1;
  m_reference_bytes = m_window_bytes;
}

// Lines 21 to 28.
void Hpcc::OnAck(const AckEvent& ack) {
  if (ack.telemetry == nullptr) return;
  const Telemetry& now = *ack.telemetry;
  bool is_same_path = now.hops == m_last.hops && now.hops != 0;
  for (uint32_t i = 0; is_same_path && i < now.hops; ++i) {
    is_same_path = now.hop[i].port == m_last.hop[i].port;
  }
  if (is_same_path) {
    const bool updates_reference = IsBefore(m_last_update_psn, ack.una_psn);
    ComputeWind(MeasureInflight(now), updates_reference);
    if (updates_reference) m_last_update_psn = ack.next_psn;
  }
  m_last = now;
}

double Hpcc::RateBps(uint64_t) {
  return 8e12 * m_window_bytes / m_base_rtt_ps;
}

uint64_t Hpcc::WindowBytes(uint64_t) {
  return static_cast<uint64_t>(m_window_bytes);
}

}  // namespace ddlsim
