// SPDX-License-Identifier: GPL-2.0-only
#include "traffic/incast-flows.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "fabric/random.h"

namespace ddlsim {
namespace {

constexpr size_t kCacheMax = 64;

uint32_t DrawBelow(uint64_t uniform, uint32_t limit) {
  return static_cast<uint32_t>((static_cast<unsigned __int128>(uniform) * limit) >> 64);
}

}  // namespace

uint64_t IncastPeriodPs(uint32_t degree, uint64_t size_bytes, uint64_t load_ppm,
                        unsigned __int128 capacity_bps) {
  const unsigned __int128 bit_ps =
      static_cast<unsigned __int128>(degree) * size_bytes * kBitPsPerByteSecond;
  const unsigned __int128 scaled_bps = capacity_bps * load_ppm / 1000000;
  if (scaled_bps == 0) return kNeverPs;
  const unsigned __int128 period_ps = (bit_ps + scaled_bps / 2) / scaled_bps;
  if (period_ps >= kNeverPs) return kNeverPs;
  return std::max<uint64_t>(static_cast<uint64_t>(period_ps), 1);
}

IncastFlows::IncastFlows(uint32_t host_count, const IncastConfig& config)
    : m_host_count(host_count), m_config(config), m_next(host_count, 0) {
  if (config.degree == 0 || config.degree >= host_count) {
    throw std::logic_error("incast of more senders than there are other hosts");
  }
}

IncastFlows::Members IncastFlows::MembersOf(uint64_t number) const {
  Members members;
  const uint64_t seed = m_config.seed;
  members.receiver = DrawBelow(Draw(seed, NameKey("incast receiver"), number), m_host_count);
  std::vector<uint32_t>& senders = members.senders;
  senders.resize(m_host_count);
  std::iota(senders.begin(), senders.end(), 0);
  senders.erase(senders.begin() + members.receiver);
  // The first steps of a shuffle (Fisher and Yates) choose; who is chosen is all that counts.
  const uint64_t stream = CombineKeys(NameKey("incast senders"), number);
  for (uint32_t i = 0; i < m_config.degree; ++i) {
    const uint32_t left = static_cast<uint32_t>(senders.size()) - i;
    std::swap(senders[i], senders[i + DrawBelow(Draw(seed, stream, i), left)]);
  }
  senders.resize(m_config.degree);
  std::sort(senders.begin(), senders.end());
  return members;
}

const IncastFlows::Members& IncastFlows::Cached(uint64_t number) {
  // Hosts go on together, so that what lies far back is of no use; a host that comes late draws it
  // again.
  const bool is_inside = number >= m_first && number <= m_first + m_cache.size();
  if (!is_inside) {
    m_cache.clear();
    m_first = number;
  }
  if (number == m_first + m_cache.size()) m_cache.push_back(MembersOf(number));
  while (m_cache.size() > kCacheMax) {
    m_cache.pop_front();
    ++m_first;
  }
  return m_cache[number - m_first];
}

bool IncastFlows::StartPs(uint64_t number, uint64_t& start_ps) const {
  if (m_config.period_ps == 0) {
    start_ps = 0;
    return number == 0 && m_config.until_ps > 0;
  }
  const unsigned __int128 time_ps = static_cast<unsigned __int128>(number) * m_config.period_ps;
  start_ps = static_cast<uint64_t>(time_ps);
  return time_ps < m_config.until_ps;
}

bool IncastFlows::NextFlow(uint32_t src_host, TrafficFlow& flow) {
  for (uint64_t& number = m_next[src_host]; StartPs(number, flow.start_ps);) {
    const Members& members = Cached(number++);
    if (!std::binary_search(members.senders.begin(), members.senders.end(), src_host)) continue;
    flow.dst_host = members.receiver;
    flow.size_bytes = m_config.size_bytes;
    return true;
  }
  return false;
}

}  // namespace ddlsim
