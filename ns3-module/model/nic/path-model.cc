// SPDX-License-Identifier: GPL-2.0-only
#include "nic/path-model.h"

#include <algorithm>

namespace ddlsim {

PathModel::PathModel(const std::vector<Fabric::Hop>& forward,
                     const std::vector<Fabric::Hop>& backward, uint32_t payload_bytes,
                     const Framing& framing)
    : m_hops(forward), m_payload_bytes(payload_bytes), m_framing(framing) {
  const uint32_t data_bytes = m_framing.DataBytes(payload_bytes, true);
  const uint32_t ack_bytes = framing.ack_bytes;
  for (const Fabric::Hop& hop : forward) {
    m_delay_ps += hop.delay_ps + hop.latency_ps;
    m_bottleneck_bps = std::min(m_bottleneck_bps, hop.rate_bps);
  }
  m_base_rtt_ps = m_delay_ps;
  for (size_t h = 0; h < forward.size(); ++h) {
    m_base_rtt_ps += FrameWirePs(h, data_bytes) - TailPs(h, data_bytes);
  }
  m_loop_ps = m_base_rtt_ps;
  for (const Fabric::Hop& hop : backward) {
    const uint64_t ack_ps = SerializationPs(ack_bytes + kWireOverheadBytes, hop.rate_bps) +
                            hop.delay_ps + hop.latency_ps;
    m_base_rtt_ps += ack_ps;
    m_loop_ps += ack_ps + SerializationPs(data_bytes + kWireOverheadBytes, hop.rate_bps);
  }
}

uint64_t PathModel::FrameWirePs(size_t hop, uint32_t frame_bytes) const {
  return SerializationPs(frame_bytes + kWireOverheadBytes, m_hops[hop].rate_bps);
}

// As Fabric::TailPs(), where the switch behind the hop cuts through and its next port is not
// faster.
uint64_t PathModel::TailPs(size_t hop, uint32_t frame_bytes) const {
  const uint32_t head_bytes = m_hops[hop].cut_through_bytes;
  if (head_bytes == 0 || hop + 1 == m_hops.size() || frame_bytes <= head_bytes) return 0;
  if (m_hops[hop + 1].rate_bps > m_hops[hop].rate_bps) return 0;
  return FrameWirePs(hop, frame_bytes) - FrameWirePs(hop, head_bytes);
}

// In a tandem of FIFO servers the last completion is the heaviest monotone path through the table
// (packet, hop). All packets between the first and the last are alike, so a path is given by the
// hops `a` and `b` at which it leaves the first packet and enters the last.
uint64_t PathModel::IdealPs(uint64_t message_bytes) const {
  const uint64_t packets = PacketCount(message_bytes, m_payload_bytes);
  const uint32_t last_payload =
      static_cast<uint32_t>(message_bytes - (packets - 1) * m_payload_bytes);
  const size_t hops = m_hops.size();
  const uint32_t first_bytes =
      m_framing.DataBytes(packets == 1 ? last_payload : m_payload_bytes, true);
  const uint32_t full_bytes = m_framing.DataBytes(m_payload_bytes, false);
  const uint32_t last_bytes = m_framing.DataBytes(last_payload, false);
  uint64_t first_ps = 0;  // the first packet through hops 0 .. a
  uint64_t heaviest_ps = 0;
  for (size_t a = 0; a < hops; ++a) {
    first_ps += FrameWirePs(a, first_bytes) - (a == 0 ? 0 : TailPs(a - 1, first_bytes));
    if (packets == 1) {
      heaviest_ps = first_ps;
      continue;
    }
    uint64_t middle_ps = 0, slowest_ps = 0;
    for (size_t b = a; b < hops; ++b) {
      if (packets > 2) {
        const uint64_t full_ps = FrameWirePs(b, full_bytes);
        middle_ps += full_ps - (b == a ? 0 : TailPs(b - 1, full_bytes));
        slowest_ps = std::max(slowest_ps, full_ps);
      } else if (b > a) {
        break;  // no packet in between on which to move on
      }
      const uint64_t more_ps = packets > 3 ? (packets - 3) * slowest_ps : 0;
      uint64_t last_ps = FrameWirePs(b, last_bytes);
      for (size_t h = b + 1; h < hops; ++h) {
        last_ps += FrameWirePs(h, last_bytes) - TailPs(h - 1, last_bytes);
      }
      heaviest_ps = std::max(heaviest_ps, first_ps + middle_ps + more_ps + last_ps);
    }
  }
  return heaviest_ps + m_delay_ps;
}

uint64_t PathModel::WindowBytes(uint32_t ack_every) const {
  const uint32_t frame_bytes = m_framing.DataBytes(m_payload_bytes, true);
  const uint64_t packet_ps = SerializationPs(frame_bytes + kWireOverheadBytes, m_bottleneck_bps);
  const uint64_t packets = (m_loop_ps + packet_ps - 1) / packet_ps + ack_every;
  return packets * frame_bytes;
}

}  // namespace ddlsim
