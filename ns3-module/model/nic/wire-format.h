// SPDX-License-Identifier: GPL-2.0-only
//
// Sizes on the wire of RoCEv2 (InfiniBand Architecture Specification, volume 1, annex A17):
// Ethernet 14, IPv4 20, UDP 8, BTH 12, payload, ICRC 4, FCS 4. The link adds kWireOverheadBytes per
// frame.
#pragma once

#include <cstdint>

namespace ddlsim {

constexpr uint32_t kRoceHeaderBytes = 14 + 20 + 8 + 12 + 4 + 4;  // 62
constexpr uint32_t kRethBytes = 16;  // RDMA extended header, first packet of a write
constexpr uint32_t kAethBytes = 4;   // acknowledgement header
constexpr uint32_t kAckBytes = kRoceHeaderBytes + kAethBytes;  // 66, ACK and NAK
constexpr uint32_t kCnpBytes = kRoceHeaderBytes + 16;          // 78, congestion notification
// IBTA path MTUs end at 4096; larger payloads are for links with a framing of their own.
constexpr uint32_t kPayloadMaxBytes = 16384;
// Of a frame that stands for many packets of a scale-up link.
constexpr uint32_t kScaleUpPayloadMaxBytes = 32768;

inline uint32_t DataFrameBytes(uint32_t payload_bytes, bool first_of_message) {
  return payload_bytes + kRoceHeaderBytes + (first_of_message ? kRethBytes : 0);
}

// What a protocol adds to payload; the default is RoCEv2.
struct Framing {
  uint32_t header_bytes = kRoceHeaderBytes;  // of every packet, Ethernet header to FCS
  uint32_t first_bytes = kRethBytes;         // more in the first packet of a message
  uint32_t ack_bytes = kAckBytes;
  uint32_t frame_bytes_min = 0;  // shorter frames are padded

  uint32_t DataBytes(uint32_t payload_bytes, bool first_of_message) const {
    const uint32_t bytes = payload_bytes + header_bytes + (first_of_message ? first_bytes : 0);
    return bytes < frame_bytes_min ? frame_bytes_min : bytes;
  }
};

// How NICs frame their messages on one kind of link, where it is not the configured one. Queue
// pairs of such links have the framing's window and no congestion control: the links have their
// own.
struct LinkClass {
  uint32_t payload_bytes = 4096;
  Framing framing;
};

// Packets of a message; a message of zero bytes is one packet.
inline uint64_t PacketCount(uint64_t message_bytes, uint32_t payload_bytes) {
  return message_bytes == 0 ? 1 : (message_bytes + payload_bytes - 1) / payload_bytes;
}

}  // namespace ddlsim
