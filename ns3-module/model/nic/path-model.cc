// SPDX-License-Identifier: GPL-2.0-only
#include "nic/path-model.h"

#include <algorithm>

namespace ddlsim {

PathModel::PathModel(const std::vector<Fabric::Hop>& forward,
                     const std::vector<Fabric::Hop>& backward, uint32_t payload_bytes,
                     const Framing& framing)
    : m_hops(forward), m_payload_bytes(payload_bytes), m_framing(framing) {
  const uint32_t data_bytes = m_framing.DataBytes(payload_bytes, true) + kWireOverheadBytes;
  for (const Fabric::Hop& hop : forward) {
    m_delay_ps += hop.delay_ps + hop.latency_ps;
    m_bottleneck_bps = std::min(m_bottleneck_bps, hop.rate_bps);
    m_loop_ps += SerializationPs(data_bytes, hop.rate_bps);
  }
  m_loop_ps += m_delay_ps;
  for (const Fabric::Hop& hop : backward) {
    m_loop_ps += SerializationPs(framing.ack_bytes + kWireOverheadBytes, hop.rate_bps) +
                 SerializationPs(data_bytes, hop.rate_bps) + hop.delay_ps + hop.latency_ps;
  }
}

uint64_t PathModel::FrameWirePs(size_t hop, uint32_t frame_bytes) const {
  return SerializationPs(frame_bytes + kWireOverheadBytes, m_hops[hop].rate_bps);
}

// In a tandem of FIFO servers the last completion is the heaviest monotone path through the table
// (packet, hop). All packets between the first and the last are alike, so a path is given by the
// hops `a` and `b` at which it leaves the first packet and enters the last.
uint64_t PathModel::IdealPs(uint64_t message_bytes) const {
  const uint64_t packets = PacketCount(message_bytes, m_payload_bytes);
  const uint32_t last_payload =
      static_cast<uint32_t>(message_bytes - (packets - 1) * m_payload_bytes);
  const uint32_t first_payload = packets == 1 ? last_payload : m_payload_bytes;
  const size_t hops = m_hops.size();
  const uint32_t first_bytes = m_framing.DataBytes(first_payload, true);
  uint64_t first_ps = 0;  // the first packet through hops 0 .. a
  uint64_t heaviest_ps = 0;
  for (size_t a = 0; a < hops; ++a) {
    first_ps += FrameWirePs(a, first_bytes);
    if (packets == 1) {
      heaviest_ps = first_ps;
      continue;
    }
    uint64_t middle_ps = 0, slowest_ps = 0;
    for (size_t b = a; b < hops; ++b) {
      if (packets > 2) {
        const uint64_t full_ps = FrameWirePs(b, m_framing.DataBytes(m_payload_bytes, false));
        middle_ps += full_ps;
        slowest_ps = std::max(slowest_ps, full_ps);
      } else if (b > a) {
        break;  // no packet in between on which to move on
      }
      const uint64_t more_ps = packets > 3 ? (packets - 3) * slowest_ps : 0;
      uint64_t last_ps = 0;
      for (size_t h = b; h < hops; ++h)
        last_ps += FrameWirePs(h, m_framing.DataBytes(last_payload, false));
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
