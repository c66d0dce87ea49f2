// SPDX-License-Identifier: GPL-2.0-only
//
// DCTCP: Alizadeh et al., "Data Center TCP (DCTCP)", SIGCOMM 2010, section 3.1, on RDMA queue
// pairs. Between marks the window grows as in TCP; its slow start is off unless asked for.
#pragma once

#include "congestion/congestion-control.h"

namespace ddlsim {

class Dctcp : public CongestionControl {
 public:
  enum : size_t { kG, kInitialAlpha, kInitialWindow };  // positions of the parameters
  static CongestionAlgorithm Describe();
  Dctcp(const ParameterValues& values, const CongestionControlContext& context);

  double RateBps(uint64_t) override { return m_line_bps; }
  uint64_t WindowBytes(uint64_t) override { return static_cast<uint64_t>(m_window_bytes); }
  void OnAck(const AckEvent& ack) override;
  void OnLoss(uint64_t now_ps) override;
  void OnTimeout(uint64_t now_ps) override;

  double Alpha() const { return m_alpha; }

 private:
  void Grow(const AckEvent& ack);
  void Shrink(double factor, uint32_t next_psn);

  double m_g;
  double m_line_bps;
  double m_packet_bytes;
  double m_window_max_bytes;
  double m_window_bytes;  // W
  double m_alpha;
  bool m_is_slow_start;
  // The window of data over which marks are counted ends at this packet; so does the time during
  // which W has been reduced once.
  uint32_t m_observed_psn = 0;
  uint32_t m_reduced_psn = 0;
  uint32_t m_next_psn = 0;  // of the last acknowledgement
  bool m_has_reduced = false;
  uint64_t m_packets = 0;
  uint64_t m_marked_packets = 0;
};

}  // namespace ddlsim
