// SPDX-License-Identifier: GPL-2.0-only
//
// A frame of the simulator as the bytes of a RoCEv2 packet: Ethernet II, IPv4, UDP, base transport
// header (BTH), extended headers, payload, invariant CRC (InfiniBand Architecture Specification,
// volume 1, chapter 9 and annex A17). The payload is zeros; there is no frame check sequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "fabric/frame.h"

namespace ddlsim {

// What the headers state and frames do not carry.
struct RoceContext {
  uint64_t message_bytes = 0;     // RETH: of the message that the packet begins
  uint32_t messages_arrived = 0;  // AETH: message sequence number
};

// Numbers below are reserved for management in InfiniBand (0 and 1) or kept free.
constexpr uint32_t kFirstQueuePairNumber = 16;

constexpr uint8_t kDscpData = 26;  // data and acknowledgements; the usual choice for RoCEv2
constexpr uint8_t kDscpCnp = 48;   // congestion notifications

// Bytes from the Ethernet header to the invariant CRC. A payload that is no multiple of four is
// padded to one, as the specification says; Frame::size_bytes leaves these up to three bytes out.
uint32_t RocePacketBytes(const Frame& frame);

// The first `captured_bytes` of the packet, or all of it where it is shorter.
std::string RoceBytes(const Frame& frame, const RoceContext& context, size_t captured_bytes);

// 10.0.0.1 for host 0, 10.0.0.2 for host 1 ...; in host byte order.
uint32_t HostIpv4(uint32_t host);

// The CRC of Ethernet (IEEE 802.3), of which the invariant CRC is a use. Begin with 0; the result
// of one part is the `crc` of the next.
uint32_t Crc32(uint32_t crc, const uint8_t* data, size_t size);

}  // namespace ddlsim
