// SPDX-License-Identifier: GPL-2.0-only
#include "traffic/poisson-flows.h"

#include <stdexcept>
#include <utility>

#include "fabric/random.h"
#include "traffic/exponential.h"

namespace ddlsim {
namespace {

constexpr uint64_t kMillion = 1000000;

}  // namespace

unsigned __int128 MeanGapQ16Ps(uint64_t mean_bytes_q16, uint64_t load_ppm, uint64_t rate_bps) {
  // Below 2^57 * 2^63, where sizes stay below FlowSizeDistribution::kSizeMaxBytes.
  const unsigned __int128 bit_ps =
      static_cast<unsigned __int128>(mean_bytes_q16) * kBitPsPerByteSecond * kMillion;
  const unsigned __int128 share_bps = static_cast<unsigned __int128>(rate_bps) * load_ppm;
  return (bit_ps + share_bps / 2) / share_bps;
}

PoissonFlows::PoissonFlows(FlowSizeDistribution sizes, const std::vector<TrafficHost>& hosts,
                           const PoissonConfig& config)
    : m_sizes(std::move(sizes)), m_config(config) {
  if (hosts.size() < 2 || config.load_ppm == 0)
    throw std::logic_error("traffic of no host or load");
  for (const TrafficHost& host : hosts) {
    Source source;
    // Streams by name, so that one more of them changes none of the others.
    source.gap_stream = CombineKeys(NameKey("traffic gap"), host.key);
    source.size_stream = CombineKeys(NameKey("traffic size"), host.key);
    source.destination_stream = CombineKeys(NameKey("traffic destination"), host.key);
    source.mean_gap_q16_ps = MeanGapQ16Ps(m_sizes.MeanBytesQ16(), config.load_ppm, host.rate_bps);
    // A simulated time has 64 bits: what would come later never comes.
    const unsigned __int128 gap_max = static_cast<unsigned __int128>(1) << 72;
    if (source.mean_gap_q16_ps > gap_max) source.mean_gap_q16_ps = gap_max;
    const uint64_t index = m_sources.size();
    source.flows_left = config.flows_max / hosts.size() + (index < config.flows_max % hosts.size());
    m_sources.push_back(source);
  }
}

bool PoissonFlows::NextFlow(uint32_t src_host, TrafficFlow& flow) {
  Source& source = m_sources[src_host];
  if (source.flows_left == 0) return false;
  const uint64_t seed = m_config.seed, number = source.number++;
  const uint64_t sample = DrawExponential(seed, source.gap_stream, number);
  const uint64_t gap_ps = ScaleExponential(source.mean_gap_q16_ps, sample);
  if (gap_ps >= m_config.until_ps || source.last_ps >= m_config.until_ps - gap_ps) {
    source.flows_left = 0;
    return false;
  }
  --source.flows_left;
  source.last_ps += gap_ps;
  flow.start_ps = source.last_ps;
  flow.size_bytes = m_sizes.SizeAt(Draw(seed, source.size_stream, number));
  const uint64_t uniform = Draw(seed, source.destination_stream, number);
  const uint64_t others = m_sources.size() - 1;
  const uint32_t chosen =
      static_cast<uint32_t>((static_cast<unsigned __int128>(uniform) * others) >> 64);
  flow.dst_host = chosen < src_host ? chosen : chosen + 1;
  return true;
}

}  // namespace ddlsim
