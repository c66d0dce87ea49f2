// SPDX-License-Identifier: GPL-2.0-only
#include "results/roce-bytes.h"

#include <algorithm>
#include <array>

#include "nic/wire-format.h"

namespace ddlsim {
namespace {

constexpr uint32_t kFcsBytes = 4;
constexpr uint32_t kIcrcBytes = 4;
constexpr size_t kEthernetBytes = 14, kIpv4Bytes = 20, kUdpBytes = 8;
constexpr size_t kIpv4At = kEthernetBytes, kUdpAt = kIpv4At + kIpv4Bytes;
constexpr size_t kBthAt = kUdpAt + kUdpBytes;

constexpr uint16_t kRocePort = 4791;
constexpr uint16_t kPartitionDefault = 0xffff;

enum Opcode : uint8_t {  // of reliable connections, table 38; CNP: annex A17.9.3
  kWriteFirst = 0x06,
  kWriteMiddle = 0x07,
  kWriteLast = 0x08,
  kWriteOnly = 0x0a,
  kAcknowledge = 0x11,
  kCongestionNotification = 0x81,
};
enum Syndrome : uint8_t {    // table 45
  kAckNoCreditLimit = 0x1f,  // acknowledgement; credits are not in use
  kNakSequenceError = 0x60,
};
enum Ecn : uint8_t { kNotCapable = 0, kCapable0 = 2, kCongestionExperienced = 3 };

class Writer {
 public:
  void Put8(uint32_t value) { m_bytes.push_back(static_cast<char>(value)); }
  void Put16(uint32_t value) { Put8(value >> 8), Put8(value); }
  void Put24(uint32_t value) { Put8(value >> 16), Put16(value); }
  void Put32(uint32_t value) { Put16(value >> 16), Put16(value); }
  void Put64(uint64_t value) {
    Put32(static_cast<uint32_t>(value >> 32)), Put32(static_cast<uint32_t>(value));
  }
  void PutZeros(size_t count) { m_bytes.append(count, '\0'); }
  std::string& Bytes() { return m_bytes; }

 private:
  std::string m_bytes;
};

bool IsFirst(const Frame& frame) {
  return (frame.flags & kFirstOfMessage) != 0;
}

uint32_t PayloadBytes(const Frame& frame) {
  return frame.type == FrameType::kData ? frame.size_bytes - DataFrameBytes(0, IsFirst(frame)) : 0;
}

uint32_t PadBytes(const Frame& frame) {
  return (4 - PayloadBytes(frame) % 4) % 4;
}

// A locally administered address, from the host's number.
void PutMac(Writer& out, uint32_t host) {
  out.Put16(0x0200);
  out.Put32(host);
}

uint32_t EcnField(const Frame& frame) {
  if (frame.type != FrameType::kData) return kNotCapable;  // switches mark data only
  return (frame.flags & kEcnMarked) != 0 ? kCongestionExperienced : kCapable0;
}

// RFC 1071.
uint16_t Ipv4Checksum(const std::string& bytes) {
  uint32_t sum = 0;
  for (size_t i = kIpv4At; i < kIpv4At + kIpv4Bytes; i += 2) {
    sum += static_cast<uint32_t>(static_cast<uint8_t>(bytes[i]) << 8 |
                                 static_cast<uint8_t>(bytes[i + 1]));
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

void PutEthernetIpUdp(Writer& out, const Frame& frame) {
  const uint32_t packet_bytes = RocePacketBytes(frame);
  PutMac(out, frame.dst_host);
  PutMac(out, frame.src_host);
  out.Put16(0x0800);
  out.Put8(0x45);
  out.Put8((frame.type == FrameType::kCnp ? kDscpCnp : kDscpData) << 2 | EcnField(frame));
  out.Put16(packet_bytes - kEthernetBytes);
  out.Put16(0);       // identification: of no use with
  out.Put16(0x4000);  // do not fragment
  out.Put8(64);       // time to live
  out.Put8(17);       // UDP
  out.Put16(0);       // checksum, below
  out.Put32(HostIpv4(frame.src_host));
  out.Put32(HostIpv4(frame.dst_host));
  const uint16_t checksum = Ipv4Checksum(out.Bytes());
  out.Bytes()[kIpv4At + 10] = static_cast<char>(checksum >> 8);
  out.Bytes()[kIpv4At + 11] = static_cast<char>(checksum);
  out.Put16(0xc000 | (frame.flow_hash & 0x3fff));  // the entropy that equal-cost paths hash
  out.Put16(kRocePort);
  out.Put16(packet_bytes - kEthernetBytes - kIpv4Bytes);
  out.Put16(0);  // checksum: none, the invariant CRC covers the packet
}

uint8_t OpcodeOf(const Frame& frame) {
  if (frame.type == FrameType::kCnp) return kCongestionNotification;
  if (frame.type != FrameType::kData) return kAcknowledge;
  const bool is_last = (frame.flags & kLastOfMessage) != 0;
  if (IsFirst(frame)) return is_last ? kWriteOnly : kWriteFirst;
  return is_last ? kWriteLast : kWriteMiddle;
}

// An acknowledgement names the last packet that it covers, a NAK the one that is missing.
uint32_t WirePsn(const Frame& frame) {
  if (frame.type == FrameType::kCnp) return 0;
  return (frame.type == FrameType::kAck ? frame.psn - 1 : frame.psn) & 0xffffff;
}

void PutBth(Writer& out, const Frame& frame) {
  const bool asks =
      frame.type == FrameType::kData && ((frame.flags & kLastOfMessage) != 0 || frame.asks_for_ack);
  out.Put8(OpcodeOf(frame));
  // No solicited event; migrated, as a queue pair without an alternate path is; version 0.
  out.Put8(0x40 | PadBytes(frame) << 4);
  out.Put16(kPartitionDefault);
  out.Put8(frame.type == FrameType::kCnp ? 0x40 : 0);  // BECN
  out.Put24(frame.queue_pair + kFirstQueuePairNumber);
  out.Put8(asks ? 0x80 : 0);  // acknowledgement requested
  out.Put24(WirePsn(frame));
}

// What the CRC covers: eight bytes of ones in the place of InfiniBand's own header, and the packet
// from the IP header on, where all that changes on the way counts as ones.
uint32_t InvariantCrc(const std::string& bytes) {
  std::string head(8, '\xff');
  head.append(bytes, kIpv4At, kBthAt + 12 - kIpv4At);
  const size_t ip = 8, udp = ip + kIpv4Bytes, bth = udp + kUdpBytes;
  for (const size_t at : {ip + 1, ip + 8, ip + 10, ip + 11, udp + 6, udp + 7, bth + 4}) {
    head[at] = '\xff';  // DSCP and ECN, time to live, checksums, FECN and BECN
  }
  const uint32_t crc = Crc32(0, reinterpret_cast<const uint8_t*>(head.data()), head.size());
  const size_t rest = kBthAt + 12;
  return Crc32(crc, reinterpret_cast<const uint8_t*>(bytes.data()) + rest, bytes.size() - rest);
}

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0u);
    table[i] = value;
  }
  return table;
}

}  // namespace

uint32_t Crc32(uint32_t crc, const uint8_t* data, size_t size) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  crc = ~crc;
  for (size_t i = 0; i < size; ++i) crc = crc >> 8 ^ kTable[(crc ^ data[i]) & 0xff];
  return ~crc;
}

uint32_t HostIpv4(uint32_t host) {
  return 10u << 24 | (host + 1);
}

uint32_t RocePacketBytes(const Frame& frame) {
  return frame.size_bytes - kFcsBytes + PadBytes(frame);
}

std::string RoceBytes(const Frame& frame, const RoceContext& context, size_t captured_bytes) {
  const uint32_t packet_bytes = RocePacketBytes(frame);
  Writer out;
  PutEthernetIpUdp(out, frame);
  PutBth(out, frame);
  if (frame.type == FrameType::kData) {
    if (IsFirst(frame)) {
      out.Put64(0);  // address and key of the memory: none is simulated
      out.Put32(0);
      out.Put32(static_cast<uint32_t>(std::min<uint64_t>(context.message_bytes, UINT32_MAX)));
    }
  } else if (frame.type != FrameType::kCnp) {
    out.Put8(frame.type == FrameType::kAck ? kAckNoCreditLimit : kNakSequenceError);
    out.Put24(context.messages_arrived);
  }
  if (captured_bytes > packet_bytes - kIcrcBytes) {
    out.PutZeros(packet_bytes - kIcrcBytes - out.Bytes().size());
    const uint32_t crc = InvariantCrc(out.Bytes());
    for (int shift = 0; shift < 32; shift += 8) out.Put8(crc >> shift);  // lowest byte first
  } else if (captured_bytes > out.Bytes().size()) {
    out.PutZeros(captured_bytes - out.Bytes().size());
  }
  if (out.Bytes().size() > captured_bytes) out.Bytes().resize(captured_bytes);
  return std::move(out.Bytes());
}

}  // namespace ddlsim
