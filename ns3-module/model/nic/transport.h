// SPDX-License-Identifier: GPL-2.0-only
//
// What the endpoint and the replay see of NICs and time: messages between hosts, and host timers.
// The packet-level implementation is nic/rdma-nic.h; tests put a fake behind this interface.
#pragma once

#include <cstdint>

namespace ddlsim {

// Called back by the transport, at the simulated time of the event (Transport::NowPs()).
class TransportListener {
 public:
  virtual ~TransportListener() = default;
  // All bytes of a message have arrived, in order, at `dst_host`.
  virtual void OnMessageReceived(uint32_t dst_host, uint32_t src_host, uint64_t cookie,
                                 uint64_t size_bytes) = 0;
  // The last byte of the message's first transmission has left `src_host` (its buffer was read).
  virtual void OnMessageTransmitted(uint32_t src_host, uint32_t dst_host, uint64_t cookie) = 0;
  // The receiver's acknowledgement of the whole message has reached `src_host`.
  virtual void OnMessageAcknowledged(uint32_t src_host, uint32_t dst_host, uint64_t cookie) = 0;
  virtual void OnTimer(uint32_t host, uint64_t cookie) = 0;
};

constexpr uint32_t kChannelsMax = 1u << 12;

class Transport {
 public:
  virtual ~Transport() = default;
  virtual uint64_t NowPs() const = 0;
  // Queues a message behind earlier ones of the same queue pair (src, dst, channel). Messages of
  // one queue pair arrive in order. `cookie` comes back in the callbacks and travels with the
  // message. src_host != dst_host. Zero bytes is a message too. channel < kChannelsMax.
  virtual void SendMessage(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                           uint64_t size_bytes, uint64_t cookie) = 0;
  // A queue pair that has nothing under way begins anew, as a connection that was just opened: its
  // congestion control forgets what it has learnt.
  virtual void Restart(uint32_t /*src_host*/, uint32_t /*dst_host*/, uint32_t /*channel*/) {}
  // Calls OnTimer(host, cookie) `delay_ps` from now. Timers of one host at one time fire in the
  // order of `key` (below 2^29, a local fact such as the rank and what the timer is for), whatever
  // the order in which they were set; equal keys at one time must not be in use together.
  virtual void SetTimer(uint32_t host, uint64_t delay_ps, uint32_t key, uint64_t cookie) = 0;
};

}  // namespace ddlsim
