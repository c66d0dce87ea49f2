// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-ethernet-frame.h"

#include <algorithm>

#include "fabric/random.h"
#include "ns3/ethernet-header.h"
#include "ns3/ipv4-header.h"
#include "ns3/node.h"

namespace ns3 {
namespace ddl {
namespace {

constexpr uint16_t kIpv4 = 0x0800;
constexpr uint16_t kArp = 0x0806;
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint32_t kIpv4HeaderBytesMin = 20;
constexpr uint32_t kTcpHeaderBytesMin = 20;
constexpr uint32_t kReadBytes = kEthernetHeaderBytes + 60 + kTcpHeaderBytesMin;

uint32_t ReadU16(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 8 | bytes[1];
}

}  // namespace

EthernetFrameFacts ReadEthernetFrame(const Packet& packet) {
  EthernetFrameFacts facts;
  uint8_t bytes[kReadBytes] = {};
  const uint32_t size = packet.CopyData(bytes, kReadBytes);
  const uint32_t protocol = ReadU16(bytes + 12);
  facts.has_payload = protocol != kArp;
  if (protocol != kIpv4 || size < kEthernetHeaderBytes + kIpv4HeaderBytesMin) return facts;
  const uint8_t* const ip = bytes + kEthernetHeaderBytes;
  facts.is_ecn_capable = (ip[1] & 3) != 0;
  const uint32_t ip_header_bytes = (ip[0] & 15) * 4u;
  const bool is_fragment = (ReadU16(ip + 6) & 0x3fff) != 0;
  const uint8_t l4 = ip[9];
  if (is_fragment || (l4 != kTcp && l4 != kUdp)) return facts;
  const uint8_t* const ports = ip + ip_header_bytes;
  facts.flow_key = uint64_t{l4} << 32 | ReadU16(ports) << 16 | ReadU16(ports + 2);
  if (l4 == kTcp) {
    const uint32_t tcp_header_bytes = (ports[12] >> 4) * 4u;
    facts.has_payload = ReadU16(ip + 2) > ip_header_bytes + tcp_header_bytes;
  }
  return facts;
}

Ptr<Packet> MarkCongestionExperienced(const Packet& packet) {
  const Ptr<Packet> marked = packet.Copy();
  EthernetHeader ethernet(false);
  Ipv4Header ip;
  if (Node::ChecksumEnabled()) ip.EnableChecksum();
  marked->RemoveHeader(ethernet);
  marked->RemoveHeader(ip);
  ip.SetEcn(Ipv4Header::ECN_CE);
  marked->AddHeader(ip);
  marked->AddHeader(ethernet);
  return marked;
}

}  // namespace ddl
}  // namespace ns3
