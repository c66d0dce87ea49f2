// SPDX-License-Identifier: GPL-2.0-only
#include "congestion/dctcp.h"

#include <algorithm>

namespace ddlsim {
namespace {

bool IsBefore(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b) < 0;
}

}  // namespace

CongestionAlgorithm Dctcp::Describe() {
  return {"dctcp",
          "Dctcp",
          "Alizadeh et al., Data Center TCP (DCTCP), SIGCOMM 2010, section 3.1",
          {{"G", "g: weight of the last window in alpha [1].", ParameterKind::kNumber, 1.0 / 16,
            1e-6, 1},
           {"InitialAlpha", "Alpha before the first mark [1] (1: RFC 8257, section 3.3).",
            ParameterKind::kNumber, 1, 0, 1},
           {"InitialWindow",
            "Window at the start, grown by slow start [packets]; 0: one bandwidth-delay product "
            "at once, as RDMA NICs start at line rate.",
            ParameterKind::kCount, 0, 0, 1e9}},
          MakeAlgorithm<Dctcp>};
}

Dctcp::Dctcp(const ParameterValues& values, const CongestionControlContext& context)
    : m_g(values[kG]),
      m_line_bps(static_cast<double>(context.line_rate_bps)),
      m_packet_bytes(context.frame_bytes),
      m_window_max_bytes(static_cast<double>(context.window_bytes)),
      m_window_bytes(values[kInitialWindow] == 0 ? m_window_max_bytes
                                                 : values[kInitialWindow] * m_packet_bytes),
      m_alpha(values[kInitialAlpha]),
      m_is_slow_start(values[kInitialWindow] != 0) {}

void Dctcp::OnAck(const AckEvent& ack) {
  m_next_psn = ack.next_psn;
  m_packets += ack.acked_packets;
  m_marked_packets += ack.marked_packets;
  if (!IsBefore(ack.una_psn, m_observed_psn)) {  // one window of data: equation (1)
    if (m_packets > 0) {
      const double share =
          std::min(1.0, static_cast<double>(m_marked_packets) / static_cast<double>(m_packets));
      m_alpha = (1 - m_g) * m_alpha + m_g * share;
    }
    m_packets = m_marked_packets = 0;
    m_observed_psn = ack.next_psn;
  }
  if (m_has_reduced && !IsBefore(ack.una_psn, m_reduced_psn)) m_has_reduced = false;
  if (ack.marked_packets > 0) {
    Shrink(1 - m_alpha / 2, ack.next_psn);  // equation (2)
  } else {
    Grow(ack);
  }
}

// At most once per window of data.
void Dctcp::Shrink(double factor, uint32_t next_psn) {
  m_is_slow_start = false;
  if (m_has_reduced) return;
  m_has_reduced = true;
  m_reduced_psn = next_psn;
  m_window_bytes = std::max(m_window_bytes * factor, m_packet_bytes);
}

void Dctcp::Grow(const AckEvent& ack) {
  const double acked_bytes = static_cast<double>(ack.acked_bytes);
  m_window_bytes += m_is_slow_start ? acked_bytes : m_packet_bytes * acked_bytes / m_window_bytes;
  m_window_bytes = std::min(m_window_bytes, m_window_max_bytes);
}

void Dctcp::OnLoss(uint64_t) {
  Shrink(0.5, m_next_psn);
}

void Dctcp::OnTimeout(uint64_t) {
  m_window_bytes = m_packet_bytes;
  m_is_slow_start = false;
}

}  // namespace ddlsim
