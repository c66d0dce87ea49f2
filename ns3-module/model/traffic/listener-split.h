// SPDX-License-Identifier: GPL-2.0-only
//
// One transport, two listeners: what belongs to the traffic goes to one, all else to the other.
#pragma once

#include "nic/transport.h"
#include "traffic/traffic-cookie.h"

namespace ddlsim {

class ListenerSplit final : public TransportListener {
 public:
  ListenerSplit(TransportListener& traffic, TransportListener& others)
      : m_traffic(traffic), m_others(others) {}

  void OnMessageReceived(uint32_t dst_host, uint32_t src_host, uint64_t cookie,
                         uint64_t size_bytes) override {
    Of(cookie).OnMessageReceived(dst_host, src_host, cookie, size_bytes);
  }
  void OnMessageTransmitted(uint32_t src_host, uint32_t dst_host, uint64_t cookie) override {
    Of(cookie).OnMessageTransmitted(src_host, dst_host, cookie);
  }
  void OnMessageAcknowledged(uint32_t src_host, uint32_t dst_host, uint64_t cookie) override {
    Of(cookie).OnMessageAcknowledged(src_host, dst_host, cookie);
  }
  void OnTimer(uint32_t host, uint64_t cookie) override { Of(cookie).OnTimer(host, cookie); }

 private:
  TransportListener& Of(uint64_t cookie) {
    return TrafficCookie::IsTraffic(cookie) ? m_traffic : m_others;
  }

  TransportListener& m_traffic;
  TransportListener& m_others;
};

}  // namespace ddlsim
