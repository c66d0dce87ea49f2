// SPDX-License-Identifier: GPL-2.0-only
//
// How large flows are: cumulative distributions given by points, linear in between, as traffic
// generators for data-centre studies use them. All arithmetic is on integers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

struct FlowSizePoint {
  uint64_t size_bytes = 0;
  uint64_t share_ppb = 0;  // share of flows at or below, in 1e-9
};

class FlowSizeDistribution {
 public:
  static constexpr uint64_t kWholePpb = 1000000000;
  static constexpr uint64_t kSizeMaxBytes = uint64_t{1} << 40;

  // Neither sizes nor shares may fall from point to point; the last share is kWholePpb. A first
  // share above 0 is that of flows of the first size. Throws std::logic_error otherwise, and for
  // sizes above kSizeMaxBytes and a last size of 0.
  explicit FlowSizeDistribution(std::vector<FlowSizePoint> points);

  // All flows of one size (above 0).
  static FlowSizeDistribution Fixed(uint64_t size_bytes);

  // The size at the quantile uniform / 2^64, rounded to whole bytes, at least 1.
  uint64_t SizeAt(uint64_t uniform) const;
  // The mean of the piecewise-linear distribution in 2^-16 bytes, rounded to the nearest.
  uint64_t MeanBytesQ16() const { return m_mean_q16; }
  // Share of flows at or below a size, for tests and figures.
  double ShareAtOrBelow(double size_bytes) const;

  const std::vector<FlowSizePoint>& Points() const { return m_points; }

 private:
  std::vector<FlowSizePoint> m_points;
  uint64_t m_mean_q16 = 0;
};

// Distributions by name: websearch, hadoop, storage. The sources are in docs/traffic.md.
const std::vector<std::string>& FlowSizeNames();
// Throws std::logic_error for a name that is none of these.
FlowSizeDistribution FlowSizesByName(const std::string& name);

}  // namespace ddlsim
