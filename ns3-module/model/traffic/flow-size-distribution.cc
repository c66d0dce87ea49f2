// SPDX-License-Identifier: GPL-2.0-only
#include "traffic/flow-size-distribution.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ddlsim {
namespace {

// The published figures as the HPCC authors tabulate them for their traffic generator (repository
// alibaba-edu/High-Precision-Congestion-Control, folder traffic_gen). Shares in 1e-9.
constexpr uint64_t kPercent = FlowSizeDistribution::kWholePpb / 100;
constexpr uint64_t kHundredthPercent = kPercent / 100;

// Web search: Alizadeh et al., "Data Center TCP (DCTCP)", SIGCOMM 2010.
std::vector<FlowSizePoint> WebSearch() {
  return {{0, 0},
          {10000, 15 * kPercent},
          {20000, 20 * kPercent},
          {30000, 30 * kPercent},
          {50000, 40 * kPercent},
          {80000, 53 * kPercent},
          {200000, 60 * kPercent},
          {1000000, 70 * kPercent},
          {2000000, 80 * kPercent},
          {5000000, 90 * kPercent},
          {10000000, 97 * kPercent},
          {30000000, 100 * kPercent}};
}

// Hadoop: Roy et al., "Inside the Social Network's (Datacenter) Network", SIGCOMM 2015.
std::vector<FlowSizePoint> Hadoop() {
  return {{0, 0},
          {100, 1 * kPercent},
          {200, 2 * kPercent},
          {300, 5 * kPercent},
          {350, 15 * kPercent},
          {400, 20 * kPercent},
          {500, 30 * kPercent},
          {600, 40 * kPercent},
          {700, 50 * kPercent},
          {1000, 60 * kPercent},
          {2000, 67 * kPercent},
          {7000, 70 * kPercent},
          {30000, 72 * kPercent},
          {50000, 82 * kPercent},
          {80000, 87 * kPercent},
          {120000, 90 * kPercent},
          {300000, 95 * kPercent},
          {1000000, 9750 * kHundredthPercent},
          {2000000, 99 * kPercent},
          {10000000, 100 * kPercent}};
}

// Alibaba's storage clusters, 2019: published with HPCC (Li et al., SIGCOMM 2019).
std::vector<FlowSizePoint> Storage() {
  return {{0, 0},
          {4000, 2293 * kHundredthPercent},
          {8000, 6921 * kHundredthPercent},
          {16000, 8061 * kHundredthPercent},
          {32000, 9047 * kHundredthPercent},
          {64000, 9353 * kHundredthPercent},
          {128000, 9677 * kHundredthPercent},
          {256000, 9753 * kHundredthPercent},
          {2000000, 100 * kPercent}};
}

}  // namespace

FlowSizeDistribution::FlowSizeDistribution(std::vector<FlowSizePoint> points)
    : m_points(std::move(points)) {
  if (m_points.empty() || m_points.back().share_ppb != kWholePpb ||
      m_points.back().size_bytes == 0 || m_points.back().size_bytes > kSizeMaxBytes) {
    throw std::logic_error("flow sizes do not end at the whole");
  }
  unsigned __int128 twice =
      static_cast<unsigned __int128>(2) * m_points.front().share_ppb * m_points.front().size_bytes;
  for (size_t i = 1; i < m_points.size(); ++i) {
    const FlowSizePoint &low = m_points[i - 1], &high = m_points[i];
    if (high.size_bytes < low.size_bytes || high.share_ppb < low.share_ppb) {
      throw std::logic_error("flow sizes or their shares fall");
    }
    twice += static_cast<unsigned __int128>(high.share_ppb - low.share_ppb) *
             (low.size_bytes + high.size_bytes);
  }
  const unsigned __int128 whole = kWholePpb;
  m_mean_q16 = static_cast<uint64_t>(((twice << 16) + whole) / (2 * whole));
}

FlowSizeDistribution FlowSizeDistribution::Fixed(uint64_t size_bytes) {
  return FlowSizeDistribution({{size_bytes, kWholePpb}});
}

uint64_t FlowSizeDistribution::SizeAt(uint64_t uniform) const {
  // The quantile in 2^-32 ppb.
  const uint64_t quantile =
      static_cast<uint64_t>((static_cast<unsigned __int128>(uniform) * kWholePpb) >> 32);
  const auto high = std::upper_bound(
      m_points.begin(), m_points.end(), quantile,
      [](uint64_t value, const FlowSizePoint& point) { return value < point.share_ppb << 32; });
  uint64_t size_bytes = high->size_bytes;  // there is one: quantile < kWholePpb << 32
  if (high != m_points.begin()) {
    const FlowSizePoint& low = *(high - 1);
    const uint64_t width = (high->share_ppb - low.share_ppb) << 32;
    const unsigned __int128 part =
        static_cast<unsigned __int128>(high->size_bytes - low.size_bytes) *
        (quantile - (low.share_ppb << 32));
    size_bytes = low.size_bytes + static_cast<uint64_t>((part + width / 2) / width);
  }
  return std::max<uint64_t>(size_bytes, 1);
}

double FlowSizeDistribution::ShareAtOrBelow(double size_bytes) const {
  double share = 0;
  for (size_t i = 0; i < m_points.size(); ++i) {
    const double high_bytes = static_cast<double>(m_points[i].size_bytes);
    const double high_share = static_cast<double>(m_points[i].share_ppb) / kWholePpb;
    if (size_bytes >= high_bytes) {
      share = high_share;
    } else {
      if (i == 0) return 0;
      const double low_bytes = static_cast<double>(m_points[i - 1].size_bytes);
      return share + (high_share - share) * (size_bytes - low_bytes) / (high_bytes - low_bytes);
    }
  }
  return 1;
}

const std::vector<std::string>& FlowSizeNames() {
  static const std::vector<std::string> names{"websearch", "hadoop", "storage"};
  return names;
}

FlowSizeDistribution FlowSizesByName(const std::string& name) {
  if (name == "websearch") return FlowSizeDistribution(WebSearch());
  if (name == "hadoop") return FlowSizeDistribution(Hadoop());
  if (name == "storage") return FlowSizeDistribution(Storage());
  throw std::logic_error("no flow sizes of the name " + name);
}

}  // namespace ddlsim
