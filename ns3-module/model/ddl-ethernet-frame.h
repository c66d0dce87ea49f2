// SPDX-License-Identifier: GPL-2.0-only
//
// What the fabric has to know of an Ethernet frame, read from the packet's bytes; and the mark that
// it leaves.
#ifndef DDL_ETHERNET_FRAME_H
#define DDL_ETHERNET_FRAME_H

#include <cstdint>

#include "ns3/packet.h"

namespace ns3 {
namespace ddl {

constexpr uint32_t kEthernetHeaderBytes = 14;
constexpr uint32_t kEthernetFcsBytes = 4;
constexpr uint32_t kEthernetFrameBytesMin = 64;  // IEEE 802.3; shorter frames are padded

/** Bytes of a frame, header to FCS, with a payload of so many bytes. */
inline uint32_t EthernetFrameBytes(uint32_t payload_bytes) {
  const uint32_t bytes = kEthernetHeaderBytes + payload_bytes + kEthernetFcsBytes;
  return bytes < kEthernetFrameBytesMin ? kEthernetFrameBytesMin : bytes;
}

struct EthernetFrameFacts {
  uint64_t flow_key = 0;        // of protocol and ports; 0: not IPv4, or a fragment
  bool has_payload = true;      // false: a TCP segment without data, or ARP
  bool is_ecn_capable = false;  // ECT(0), ECT(1) or CE
};

/** `packet` begins with the Ethernet header. */
EthernetFrameFacts ReadEthernetFrame(const Packet& packet);

/** The packet with Congestion Experienced in its IPv4 header. */
Ptr<Packet> MarkCongestionExperienced(const Packet& packet);

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_ETHERNET_FRAME_H */
