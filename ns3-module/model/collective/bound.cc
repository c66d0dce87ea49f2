// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <stdexcept>

#include "collective/critical-path.h"

namespace ddlsim {
namespace {

__extension__ using Wide = unsigned __int128;

// Paths are below 2^55 bytes (20 levels of a tree of 2^50), factors at most 2^30 in these units and
// bit-picoseconds per byte-second below 2^43, so that the product stays below 2^128.
constexpr uint32_t kFactorFractionBits = 20;
constexpr double kFactorMax = 1024;
constexpr uint64_t kBitPicosecondsPerByteSecond = 8000000000000;

}  // namespace

uint64_t BoundPs(const CollectiveSpec& spec, uint64_t rate_bps, uint64_t latency_ps,
                 double wire_factor) {
  const bool factor_fits = wire_factor >= 1 && wire_factor <= kFactorMax;  // false for NaN, too
  if (rate_bps == 0 || !factor_fits) {
    throw std::invalid_argument("a bound needs a rate above zero and a wire factor in [1, 1024]");
  }
  const CriticalPath path = MakeBoundedSchedule(spec)->Path();
  const auto factor = static_cast<uint64_t>(wire_factor * (uint64_t{1} << kFactorFractionBits));
  const Wide bytes_ps =
      (Wide{path.size_bytes} * factor * kBitPicosecondsPerByteSecond / rate_bps) >>
      kFactorFractionBits;
  const Wide bound_ps = bytes_ps + Wide{path.hops} * latency_ps;
  return static_cast<uint64_t>(std::min<Wide>(bound_ps, UINT64_MAX));
}

}  // namespace ddlsim
