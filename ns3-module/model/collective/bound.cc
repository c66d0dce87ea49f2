// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <stdexcept>

#include "collective/critical-path.h"

namespace ddlsim {
namespace {

__extension__ using Wide = unsigned __int128;

// Paths are at most 2^55 bytes (20 levels of a tree of 2^50 are less), factors at most 2^30 in
// these units and bit-picoseconds per byte-second below 2^42.9, so that the product stays below
// 2^128.
constexpr uint32_t kFactorFractionBits = 20;
constexpr double kFactorMax = 1024;
constexpr uint64_t kBitPicosecondsPerByteSecond = 8000000000000;

class LinkTimes {
 public:
  LinkTimes(uint64_t rate_bps, uint64_t latency_ps, double wire_factor)
      : m_rate_bps(rate_bps), m_latency_ps(latency_ps) {
    const bool factor_fits = wire_factor >= 1 && wire_factor <= kFactorMax;  // false for NaN, too
    if (rate_bps == 0 || !factor_fits) {
      throw std::invalid_argument("a bound needs a rate above zero and a wire factor in [1, 1024]");
    }
    m_factor = static_cast<uint64_t>(wire_factor * (uint64_t{1} << kFactorFractionBits));
  }

  uint64_t PathPs(const CriticalPath& path) const {
    const Wide bytes_ps = (Wide{std::min(path.size_bytes, kPathBytesMax)} * m_factor *
                           kBitPicosecondsPerByteSecond / m_rate_bps) >>
                          kFactorFractionBits;
    const Wide path_ps = bytes_ps + Wide{path.hops} * m_latency_ps;
    return static_cast<uint64_t>(std::min<Wide>(path_ps, UINT64_MAX));
  }

 private:
  uint64_t m_rate_bps;
  uint64_t m_latency_ps;
  uint64_t m_factor;
};

}  // namespace

uint64_t BoundPs(const CollectiveSpec& spec, uint64_t rate_bps, uint64_t latency_ps,
                 double wire_factor) {
  const LinkTimes times(rate_bps, latency_ps, wire_factor);
  const auto schedule = MakeBoundedSchedule(spec);
  return std::max(times.PathPs(schedule->Path()), times.PathPs(schedule->PortPath()));
}

uint64_t PipelinedBoundPs(const CollectiveSpec& spec, uint64_t rate_bps, uint64_t latency_ps,
                          double wire_factor) {
  const LinkTimes times(rate_bps, latency_ps, wire_factor);
  const auto schedule = MakeBoundedSchedule(spec);
  return std::max(times.PathPs({schedule->Path().hops, 0}), times.PathPs(schedule->PortPath()));
}

uint64_t LinePs(uint64_t size_bytes, uint64_t rate_bps, double wire_factor) {
  return LinkTimes(rate_bps, 0, wire_factor).PathPs({0, size_bytes});
}

uint64_t PortBoundPs(const Schedule& schedule, uint32_t rank_count, uint64_t rate_bps,
                     uint64_t latency_ps, double wire_factor) {
  StepActions actions;
  uint64_t busiest_bytes = 0;
  for (uint32_t rank = 0; rank < rank_count; ++rank) {
    uint64_t sent_bytes = 0, received_bytes = 0;
    for (uint32_t step = 0; step < schedule.StepCount(); ++step) {
      schedule.Step(rank, step, actions);
      for (const SendAction& send : actions.sends) sent_bytes += send.size_bytes;
      for (const ReceiveAction& receive : actions.receives) received_bytes += receive.size_bytes;
    }
    busiest_bytes = std::max({busiest_bytes, sent_bytes, received_bytes});
  }
  if (busiest_bytes == 0) return 0;
  return LinkTimes(rate_bps, latency_ps, wire_factor).PathPs({1, busiest_bytes});
}

}  // namespace ddlsim
