// SPDX-License-Identifier: GPL-2.0-only
//
// What is known of a path before a packet is sent: how long a message takes on it when nothing else
// is there, and how much must be in flight to keep it busy.
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/fabric.h"
#include "nic/wire-format.h"

namespace ddlsim {

class PathModel {
 public:
  // `forward` and `backward`: the links of data and of acknowledgements.
  PathModel(const std::vector<Fabric::Hop>& forward, const std::vector<Fabric::Hop>& backward,
            uint32_t payload_bytes, const Framing& framing = {});

  // Hand-over to arrival of the last byte of a message that is alone on the path: the exact
  // solution of the recurrence C[i][h] = max(C[i-1][h], C[i][h-1] - tail(i, h-1)) + ser(i, h),
  // where the tail is what a cut-through switch does not wait for (0: store-and-forward).
  uint64_t IdealPs(uint64_t message_bytes) const;

  // One full packet there and its acknowledgement back, where the acknowledgement waits for one
  // full frame in service at every hop, as it does when data flows both ways.
  uint64_t LoopPs() const { return m_loop_ps; }
  // The same on an idle network: no acknowledgement waits.
  uint64_t BaseRttPs() const { return m_base_rtt_ps; }

  // Frame bytes that a sender emits at the path's bottleneck rate during the loop, rounded up to
  // full packets, plus `ack_every` packets: with this window a lone flow never stalls.
  uint64_t WindowBytes(uint32_t ack_every) const;

  uint32_t Hops() const { return static_cast<uint32_t>(m_hops.size()); }
  uint64_t BottleneckBps() const { return m_bottleneck_bps; }

 private:
  uint64_t FrameWirePs(size_t hop, uint32_t frame_bytes) const;
  uint64_t TailPs(size_t hop, uint32_t frame_bytes) const;

  std::vector<Fabric::Hop> m_hops;
  uint32_t m_payload_bytes;
  Framing m_framing;
  uint64_t m_delay_ps = 0;  // propagation and switch latency, forward
  uint64_t m_loop_ps = 0;
  uint64_t m_base_rtt_ps = 0;
  uint64_t m_bottleneck_bps = UINT64_MAX;
};

}  // namespace ddlsim
