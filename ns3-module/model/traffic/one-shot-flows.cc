// SPDX-License-Identifier: GPL-2.0-only
#include "traffic/one-shot-flows.h"

#include <stdexcept>
#include <utility>

#include "fabric/random.h"

namespace ddlsim {

OneShotFlows::OneShotFlows(OneShotKind kind, std::vector<uint64_t> host_keys, uint64_t size_bytes,
                           uint64_t seed)
    : m_kind(kind),
      m_host_keys(std::move(host_keys)),
      m_size_bytes(size_bytes),
      m_seed(seed),
      m_started(m_host_keys.size(), 0) {
  if (m_host_keys.size() < 2) throw std::logic_error("one host has nobody to send to");
}

bool OneShotFlows::NextFlow(uint32_t src_host, TrafficFlow& flow) {
  const uint32_t others = static_cast<uint32_t>(m_host_keys.size()) - 1;
  const uint32_t number = m_started[src_host];
  if (number == (m_kind == OneShotKind::kRandom ? 1 : others)) return false;
  ++m_started[src_host];
  flow.start_ps = 0;
  flow.size_bytes = m_size_bytes;
  // All pairs: each host begins with the one behind it, so that no receiver is everybody's first.
  uint32_t step = number;
  if (m_kind == OneShotKind::kRandom) {
    const uint64_t uniform = Draw(m_seed, NameKey("random destination"), m_host_keys[src_host]);
    step = static_cast<uint32_t>((static_cast<unsigned __int128>(uniform) * others) >> 64);
  }
  flow.dst_host = (src_host + 1 + step) % (others + 1);
  return true;
}

}  // namespace ddlsim
