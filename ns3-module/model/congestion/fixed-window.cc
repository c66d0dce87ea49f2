// SPDX-License-Identifier: GPL-2.0-only
#include "congestion/fixed-window.h"

#include <algorithm>

namespace ddlsim {

CongestionAlgorithm FixedWindow::Describe() {
  return {"window",
          "FixedWindow",
          "a constant window",
          {{"Window", "Share of the path's bandwidth-delay product [1], at least one packet.",
            ParameterKind::kNumber, 1, 0, 1e6}},
          MakeAlgorithm<FixedWindow>};
}

FixedWindow::FixedWindow(const ParameterValues& values, const CongestionControlContext& context)
    : m_line_bps(static_cast<double>(context.line_rate_bps)),
      m_window_bytes(std::max<uint64_t>(
          context.frame_bytes,
          static_cast<uint64_t>(values[kWindow] * static_cast<double>(context.window_bytes)))) {}

}  // namespace ddlsim
