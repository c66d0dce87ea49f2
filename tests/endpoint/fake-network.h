// SPDX-License-Identifier: MIT
//
// A network of two numbers behind the Transport interface: a host puts its messages on the wire one
// after another at `rate_bps`, and each arrives `latency_ps` later, however many go to one host.
// Acknowledgements take `latency_ps` more. The order of simultaneous events at different hosts can
// be chosen; at one host it is fixed, as the interface promises.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "fabric/random.h"
#include "fabric/time.h"
#include "nic/transport.h"

namespace ddlsim {

enum class HostOrder : uint8_t { kAscending, kDescending, kShuffled };

class FakeNetwork : public Transport {
 public:
  // 8 Gb/s: one byte takes one nanosecond.
  explicit FakeNetwork(uint64_t rate_bps = 8000000000, uint64_t latency_ps = 1000000,
                       HostOrder host_order = HostOrder::kAscending)
      : m_rate_bps(rate_bps), m_latency_ps(latency_ps), m_host_order(host_order) {}

  void SetListener(TransportListener* listener) { m_listener = listener; }
  // Messages between the two hosts leave and never arrive.
  void Cut(uint32_t src_host, uint32_t dst_host) { m_cut.insert({src_host, dst_host}); }
  // Calls `action` at `time_ps`, before what the network does at that time.
  void At(uint64_t time_ps, std::function<void()> action) {
    Add(time_ps, 0, kOutside, 0, std::move(action), false);
  }

  uint64_t NowPs() const override { return m_now_ps; }

  void SendMessage(uint32_t src_host, uint32_t dst_host, uint32_t channel, uint64_t size_bytes,
                   uint64_t cookie) override {
    uint64_t& free_ps = m_port_free_ps[src_host];
    free_ps = (free_ps > m_now_ps ? free_ps : m_now_ps) + SerializationPs(size_bytes, m_rate_bps);
    ++messages;
    channels.insert(channel);
    Add(free_ps, src_host, kTransmitted, dst_host,
        [=] { m_listener->OnMessageTransmitted(src_host, dst_host, cookie); });
    if (m_cut.count({src_host, dst_host}) > 0) return;
    Add(free_ps + m_latency_ps, dst_host, kArrival, src_host,
        [=] { m_listener->OnMessageReceived(dst_host, src_host, cookie, size_bytes); });
    Add(free_ps + 2 * m_latency_ps, src_host, kAcknowledged, dst_host,
        [=] { m_listener->OnMessageAcknowledged(src_host, dst_host, cookie); });
  }

  void SetTimer(uint32_t host, uint64_t delay_ps, uint32_t key, uint64_t cookie) override {
    Add(m_now_ps + delay_ps, host, kTimer, key, [=] { m_listener->OnTimer(host, cookie); });
  }

  // Runs until nothing is left, or up to and including `until_ps`.
  void Run(uint64_t until_ps = kNeverPs) {
    while (!m_events.empty() && std::get<0>(m_events.begin()->first) <= until_ps) {
      const auto first = m_events.begin();
      m_now_ps = std::get<0>(first->first);
      const std::function<void()> action = std::move(first->second);
      m_events.erase(first);
      action();
      ++events;
    }
  }

  uint64_t messages = 0;
  uint64_t events = 0;
  std::set<uint32_t> channels;

 private:
  enum Class : uint32_t { kOutside, kTransmitted, kArrival, kAcknowledged, kTimer };
  // time, place of the host in the order of hosts, host, class, fact, order of insertion
  using Key = std::tuple<uint64_t, uint64_t, uint32_t, uint32_t, uint32_t, uint64_t>;

  void Add(uint64_t time_ps, uint32_t host, Class event_class, uint32_t fact,
           std::function<void()> action, bool is_of_host = true) {
    uint64_t place = host;
    if (m_host_order == HostOrder::kDescending) place = UINT32_MAX - host;
    if (m_host_order == HostOrder::kShuffled) place = Draw(1, host, time_ps);
    if (!is_of_host) place = 0;
    m_events.emplace(Key(time_ps, place, host, event_class, fact, m_inserted++), std::move(action));
  }

  const uint64_t m_rate_bps;
  const uint64_t m_latency_ps;
  const HostOrder m_host_order;
  TransportListener* m_listener = nullptr;
  uint64_t m_now_ps = 0;
  uint64_t m_inserted = 0;
  std::map<Key, std::function<void()>> m_events;
  std::map<uint32_t, uint64_t> m_port_free_ps;
  std::set<std::pair<uint32_t, uint32_t>> m_cut;
};

}  // namespace ddlsim
