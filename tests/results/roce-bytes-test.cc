// SPDX-License-Identifier: MIT
//
// Packets byte by byte, as written down by hand from the specifications.
#include "results/roce-bytes.h"

#include <gtest/gtest.h>

#include <string>

#include "nic/wire-format.h"

namespace ddlsim {
namespace {

std::string Hex(const std::string& bytes) {
  static const char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

Frame MakeFrame(FrameType type, uint32_t size_bytes) {
  Frame frame{};
  frame.src_host = 1;
  frame.dst_host = 0;
  frame.flow_hash = 0x12345;
  frame.queue_pair = 2;
  frame.psn = 0x1000005;
  frame.size_bytes = static_cast<uint16_t>(size_bytes);
  frame.type = type;
  return frame;
}

TEST(RoceBytes, OneWriteByHand) {
  Frame frame = MakeFrame(FrameType::kData, DataFrameBytes(5, true));
  frame.flags = kFirstOfMessage | kLastOfMessage | kEcnMarked;
  RoceContext context;
  context.message_bytes = 5;
  // The last four bytes were computed apart from this code, by zlib's crc32().
  const std::string expected =
      "020000000000"
      "020000000001"
      "0800"  // Ethernet
      "456b0044"
      "00004000"
      "4011263c"
      "0a000002"
      "0a000001"  // IPv4, CE
      "e34512b7"
      "00300000"  // UDP
      "0a70ffff"
      "00000012"
      "80000005"  // BTH, 3 bytes padded
      "0000000000000000"
      "00000000"
      "00000005"  // RETH
      "0000000000"
      "000000"  // payload, pad
      "3a516c81";
  EXPECT_EQ(Hex(RoceBytes(frame, context, 65535)), expected);
  EXPECT_EQ(RocePacketBytes(frame), frame.size_bytes - 4 + 3u);
  for (const size_t kept : {0, 1, 60, 78, 80, 81, 82}) {
    EXPECT_EQ(Hex(RoceBytes(frame, context, kept)), expected.substr(0, 2 * kept)) << kept;
  }
}

// The bytes from BTH to before the invariant CRC.
std::string Transport(const Frame& frame, const RoceContext& context = {}) {
  const std::string bytes = RoceBytes(frame, context, 65535);
  EXPECT_EQ(bytes.size(), RocePacketBytes(frame));
  return Hex(bytes.substr(42, bytes.size() - 46));
}

TEST(RoceBytes, AcknowledgementsNameTheLastPacketOrTheMissingOne) {
  RoceContext context;
  context.messages_arrived = 0x030201;
  EXPECT_EQ(Transport(MakeFrame(FrameType::kAck, kAckBytes), context),
            "1140ffff"
            "00000012"
            "00000004"
            "1f030201");
  EXPECT_EQ(Transport(MakeFrame(FrameType::kNak, kAckBytes), context),
            "1140ffff"
            "00000012"
            "00000005"
            "60030201");
}

TEST(RoceBytes, CongestionNotification) {
  const Frame frame = MakeFrame(FrameType::kCnp, kCnpBytes);
  EXPECT_EQ(Transport(frame),
            "8140ffff"
            "40000012"
            "00000000" +
                std::string(32, '0'));
  EXPECT_EQ(Hex(RoceBytes(frame, {}, 16)).substr(28), "45c0");  // DSCP 48, not ECN-capable
}

TEST(RoceBytes, OpcodesOfAMessage) {
  const auto opcode = [](uint8_t flags) {
    Frame frame = MakeFrame(FrameType::kData, DataFrameBytes(4096, (flags & kFirstOfMessage) != 0));
    frame.flags = flags;
    return Transport(frame).substr(0, 2);
  };
  EXPECT_EQ(opcode(kFirstOfMessage), "06");
  EXPECT_EQ(opcode(0), "07");
  EXPECT_EQ(opcode(kLastOfMessage), "08");
  EXPECT_EQ(opcode(kFirstOfMessage | kLastOfMessage | kRetransmission), "0a");
}

TEST(RoceBytes, CrcHasThePublishedCheckValue) {
  const std::string text = "123456789";
  EXPECT_EQ(Crc32(0, reinterpret_cast<const uint8_t*>(text.data()), text.size()), 0xcbf43926u);
}

}  // namespace
}  // namespace ddlsim
