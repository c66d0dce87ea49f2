// SPDX-License-Identifier: GPL-2.0-only
//
// HPCC: Li et al., "HPCC: High Precision Congestion Control", SIGCOMM 2019, algorithm 1. Needs the
// telemetry that switches add to data packets.
#pragma once

#include "congestion/congestion-control.h"

namespace ddlsim {

class Hpcc : public CongestionControl {
 public:
  // Positions of the parameters.
  enum : size_t { kEta, kMaxStage, kFlows, kBaseRtt, kMinRate };
  static CongestionAlgorithm Describe();
  Hpcc(const ParameterValues& values, const CongestionControlContext& context);

  double RateBps(uint64_t now_ps) override;
  uint64_t WindowBytes(uint64_t now_ps) override;
  void OnAck(const AckEvent& ack) override;
  void OnTimeout(uint64_t) override {}

  double Utilisation() const { return m_utilisation; }

 private:
  double MeasureInflight(const Telemetry& now);
  void ComputeWind(double utilisation, bool updates_reference);

  const double m_eta;
  const uint32_t m_max_stage;
  const double m_base_rtt_ps;       // T
  const double m_window_max_bytes;  // W_init
  const double m_window_min_bytes;
  const double m_window_ai_bytes;  // W_AI
  double m_window_bytes;           // W
  double m_reference_bytes;        // W^c
  double m_utilisation = 1;        // U
  uint32_t m_stage = 0;            // incStage
  uint32_t m_last_update_psn = 0;  // lastUpdateSeq
  Telemetry m_last;                // L
};

}  // namespace ddlsim
