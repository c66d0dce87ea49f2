// SPDX-License-Identifier: GPL-2.0-only
#include "traffic/traffic-source.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "fabric/random.h"

namespace ddlsim {
namespace {

// Among the timers of a host, those of the traffic come behind those of the endpoint.
constexpr uint32_t kTimerKeyFirst = 1u << 28;

uint64_t PairKey(uint32_t src_host, uint32_t dst_host) {
  return uint64_t{src_host} << 32 | dst_host;
}

}  // namespace

TrafficSource::TrafficSource(Transport& transport, TrafficConfig config)
    : m_transport(transport), m_config(std::move(config)) {
  if (m_config.channels.empty() || m_config.channels.size() > TrafficCookie::kSlotCount) {
    throw std::logic_error("traffic without channels, or with too many");
  }
  const std::vector<uint32_t>& endpoints = m_config.endpoints;
  if (endpoints.empty()) return;
  if (endpoints.size() != m_config.host_keys.size()) throw std::logic_error("hosts without names");
  m_host_of_endpoint.resize(*std::max_element(endpoints.begin(), endpoints.end()) + 1);
  for (uint32_t host = 0; host < endpoints.size(); ++host) {
    m_host_of_endpoint[endpoints[host]] = host;
  }
}

void TrafficSource::Add(const std::string& name, std::unique_ptr<FlowPattern> pattern) {
  if (m_patterns.size() == TrafficCookie::kPatternCount) throw std::logic_error("many patterns");
  m_patterns.push_back(std::move(pattern));
  m_pattern_keys.push_back(CombineKeys(NameKey("traffic channel"), NameKey(name)));
}

void TrafficSource::Start() {
  m_start_ps = m_transport.NowPs();
  const uint32_t hosts = static_cast<uint32_t>(m_config.host_keys.size());
  m_sources.resize(m_patterns.size() * hosts);
  for (uint32_t pattern = 0; pattern < m_patterns.size(); ++pattern) {
    for (uint32_t host = 0; host < hosts; ++host) SetNextTimer(pattern, host);
  }
}

void TrafficSource::SetNextTimer(uint32_t pattern, uint32_t host) {
  TrafficFlow& next = SourceOf(pattern, host).next;
  if (!m_patterns[pattern]->NextFlow(host, next)) return;
  ++m_pending_timers;
  const uint64_t elapsed_ps = m_transport.NowPs() - m_start_ps;
  TrafficCookie cookie;
  cookie.pattern = pattern;
  m_transport.SetTimer(EndpointOf(host), next.start_ps - std::min(next.start_ps, elapsed_ps),
                       kTimerKeyFirst + pattern, cookie.Encode());
}

void TrafficSource::OnTimer(uint32_t endpoint, uint64_t cookie) {
  --m_pending_timers;
  if (!m_is_stopped && m_config.may_start && !m_config.may_start()) m_is_stopped = true;
  if (m_is_stopped) return;
  const uint32_t pattern = TrafficCookie::Decode(cookie).pattern;
  const uint32_t host = HostAt(endpoint);
  Send(pattern, host, SourceOf(pattern, host));
  SetNextTimer(pattern, host);
}

void TrafficSource::Send(uint32_t pattern, uint32_t host, Source& source) {
  const TrafficFlow& flow = source.next;
  const uint64_t stream = CombineKeys(m_pattern_keys[pattern], m_config.host_keys[host]);
  const uint64_t draw = Draw(m_config.seed, stream, source.number++);
  TrafficCookie cookie;
  cookie.pattern = pattern;
  const uint32_t src = EndpointOf(host), dst = EndpointOf(flow.dst_host);
  cookie.slot = TakeSlot(src, dst, draw);
  ++m_counters.started_flows;
  m_counters.started_bytes += flow.size_bytes;
  m_transport.Restart(src, dst, m_config.channels[cookie.slot]);
  m_transport.SendMessage(src, dst, m_config.channels[cookie.slot], flow.size_bytes,
                          cookie.Encode());
}

// Where all are taken, the flow waits behind the one whose channel its draw has chosen.
uint32_t TrafficSource::TakeSlot(uint32_t src_endpoint, uint32_t dst_endpoint, uint64_t draw) {
  Slots& taken = m_slots[PairKey(src_endpoint, dst_endpoint)];
  const uint32_t count = static_cast<uint32_t>(m_config.channels.size());
  const uint32_t first = static_cast<uint32_t>(draw % std::min(count, kFirstChannels));
  uint32_t slot = first;
  for (uint32_t probe = 0; probe < count && taken[slot]; ++probe) slot = (slot + 1) % count;
  if (taken[slot]) slot = first;
  taken[slot] = true;
  return slot;
}

void TrafficSource::OnMessageReceived(uint32_t, uint32_t, uint64_t, uint64_t) {
  ++m_counters.completed_flows;
  m_last_end_ps = m_transport.NowPs();
}

void TrafficSource::OnMessageAcknowledged(uint32_t src_host, uint32_t dst_host, uint64_t cookie) {
  const auto found = m_slots.find(PairKey(src_host, dst_host));
  if (found == m_slots.end()) return;  // of a channel that flows had to share
  found->second[TrafficCookie::Decode(cookie).slot] = false;
  if (found->second.none()) m_slots.erase(found);
}

}  // namespace ddlsim
