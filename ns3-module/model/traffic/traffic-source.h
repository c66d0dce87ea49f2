// SPDX-License-Identifier: GPL-2.0-only
//
// Sends the flows of patterns over a transport, each at its time. A flow has a queue pair of its
// own for as long as it lasts, so that no flow waits behind another at its sender: of the channels
// between its two hosts it takes a free one. Channels are used again, which bounds the queue pairs
// by the flows that are under way together.
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "nic/transport.h"
#include "traffic/flow-pattern.h"
#include "traffic/traffic-cookie.h"

namespace ddlsim {

struct TrafficConfig {
  std::vector<uint64_t> host_keys;  // of the hosts' names
  // The fabric's number of each of these hosts, which patterns count from 0. Empty: the same.
  std::vector<uint32_t> endpoints;
  std::vector<uint32_t> channels;  // that nobody else uses; 1 to TrafficCookie::kSlotCount
  uint64_t seed = 1;
  // Asked before a flow starts; false ends the traffic for good. Empty: all flows start.
  std::function<bool()> may_start;
};

struct TrafficCounters {
  uint64_t started_flows = 0;
  uint64_t started_bytes = 0;
  uint64_t completed_flows = 0;  // the last byte has arrived
};

class TrafficSource final : public TransportListener {
 public:
  // Where a flow looks for a free channel first: one of so many, by its name, which spreads the
  // flows of two hosts over paths.
  static constexpr uint32_t kFirstChannels = 8;

  // `transport` outlives the source. Throws std::logic_error for no or too many channels, or
  // endpoints that are not one for each host.
  TrafficSource(Transport& transport, TrafficConfig config);

  // Before Start(). The first pattern has the number 0 in cookies, and so on; names are distinct.
  void Add(const std::string& name, std::unique_ptr<FlowPattern> pattern);
  void Start();

  // Every flow has started that will, and all have arrived.
  bool IsDone() const { return m_pending_timers == 0 && InFlight() == 0; }
  uint64_t InFlight() const { return m_counters.started_flows - m_counters.completed_flows; }
  const TrafficCounters& Counters() const { return m_counters; }
  uint64_t LastEndPs() const { return m_last_end_ps; }  // of the last flow that arrived

  // TransportListener
  void OnMessageReceived(uint32_t dst_host, uint32_t src_host, uint64_t cookie,
                         uint64_t size_bytes) override;
  void OnMessageTransmitted(uint32_t, uint32_t, uint64_t) override {}
  void OnMessageAcknowledged(uint32_t src_host, uint32_t dst_host, uint64_t cookie) override;
  void OnTimer(uint32_t endpoint, uint64_t cookie) override;

 private:
  using Slots = std::bitset<TrafficCookie::kSlotCount>;
  struct Source {  // a host's part of a pattern
    TrafficFlow next;
    uint64_t number = 0;
  };

  Source& SourceOf(uint32_t pattern, uint32_t host) {
    return m_sources[uint64_t{pattern} * m_config.host_keys.size() + host];
  }
  uint32_t EndpointOf(uint32_t host) const {
    return m_config.endpoints.empty() ? host : m_config.endpoints[host];
  }
  uint32_t HostAt(uint32_t endpoint) const {
    return m_config.endpoints.empty() ? endpoint : m_host_of_endpoint[endpoint];
  }
  void SetNextTimer(uint32_t pattern, uint32_t host);
  void Send(uint32_t pattern, uint32_t host, Source& source);
  uint32_t TakeSlot(uint32_t src_endpoint, uint32_t dst_endpoint, uint64_t draw);

  Transport& m_transport;
  const TrafficConfig m_config;
  std::vector<uint32_t> m_host_of_endpoint;
  std::vector<std::unique_ptr<FlowPattern>> m_patterns;
  std::vector<uint64_t> m_pattern_keys;  // of their names
  std::vector<Source> m_sources;         // by pattern and host
  // Channels in use, by (source, destination) where there are any; never iterated.
  std::unordered_map<uint64_t, Slots> m_slots;
  TrafficCounters m_counters;
  uint64_t m_start_ps = 0;
  uint64_t m_pending_timers = 0;
  uint64_t m_last_end_ps = 0;
  bool m_is_stopped = false;
};

}  // namespace ddlsim
