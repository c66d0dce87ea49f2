// SPDX-License-Identifier: GPL-2.0-only
//
// A window that never changes and no pacing: the baseline that reacts to nothing.
#pragma once

#include "congestion/congestion-control.h"

namespace ddlsim {

class FixedWindow : public CongestionControl {
 public:
  enum : size_t { kWindow };  // positions of the parameters
  static CongestionAlgorithm Describe();
  FixedWindow(const ParameterValues& values, const CongestionControlContext& context);

  double RateBps(uint64_t) override { return m_line_bps; }
  uint64_t WindowBytes(uint64_t) override { return m_window_bytes; }

 private:
  double m_line_bps;
  uint64_t m_window_bytes;
};

}  // namespace ddlsim
