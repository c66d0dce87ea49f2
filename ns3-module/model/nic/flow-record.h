// SPDX-License-Identifier: GPL-2.0-only
//
// What a NIC reports about its messages: each when its last byte has arrived.
#pragma once

#include <cstdint>

namespace ddlsim {

struct FlowRecord {
  uint32_t src_host = 0;
  uint32_t dst_host = 0;
  uint32_t channel = 0;
  uint64_t cookie = 0;
  uint64_t size_bytes = 0;
  uint64_t start_ps = 0;               // handed to the NIC
  uint64_t end_ps = 0;                 // last byte arrived at the receiver
  uint64_t ideal_ps = 0;               // the same message alone on an idle path
  uint32_t retransmitted_packets = 0;  // of this message, until it had arrived
};

class FlowObserver {
 public:
  virtual ~FlowObserver() = default;
  virtual void OnFlow(const FlowRecord& record) = 0;
  // The sender has the acknowledgement of a whole message, of which OnFlow() has told before.
  virtual void OnFlowAcknowledged(uint32_t /*src_host*/, uint32_t /*dst_host*/,
                                  uint32_t /*channel*/, uint64_t /*cookie*/, uint64_t /*now_ps*/) {}
  // A message has been handed to the sender's NIC.
  virtual void OnFlowStart(uint32_t /*src_host*/, uint32_t /*dst_host*/, uint32_t /*channel*/,
                           uint64_t /*size_bytes*/) {}
  // Nothing of what a queue pair has under way was acknowledged in time; the `timeouts`-th in a
  // row.
  virtual void OnTimeout(uint32_t /*src_host*/, uint32_t /*dst_host*/, uint32_t /*channel*/,
                         uint32_t /*timeouts*/) {}
};

}  // namespace ddlsim
