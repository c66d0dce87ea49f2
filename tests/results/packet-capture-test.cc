// SPDX-License-Identifier: MIT
//
// pcap files: header, records in order of time, what the headers know of messages.
#include "results/packet-capture.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/input-error.h"
#include "nic/wire-format.h"
#include "test-folder.h"

namespace ddlsim {
namespace {

uint32_t Little(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value |= uint32_t{static_cast<uint8_t>(bytes.at(at + i))} << 8 * i;
  return value;
}

Frame DataFrame(uint32_t psn, uint8_t flags) {
  Frame frame{};
  frame.src_host = 1;
  frame.queue_pair = 7;
  frame.psn = psn;
  frame.flags = flags;
  frame.size_bytes = static_cast<uint16_t>(DataFrameBytes(4096, (flags & kFirstOfMessage) != 0));
  return frame;
}

Frame AckFrame(uint32_t psn) {
  Frame frame{};
  frame.dst_host = 1;
  frame.queue_pair = 7;
  frame.psn = psn;
  frame.type = FrameType::kAck;
  frame.size_bytes = kAckBytes;
  return frame;
}

TEST(PacketCapture, RecordsAreInOrderOfTime) {
  TestFolder root;
  ResultFolder folder(root.Path(), "run");
  CaptureConfig config;
  config.hosts = {{1, "host-1"}};
  config.snapshot_bytes = 58;  // up to the sequence number of AETH
  uint64_t message_bytes = 8192;
  PacketCapture capture(folder, config, [&message_bytes](uint32_t) { return message_bytes; });
  capture.OnSent(1, DataFrame(0, kFirstOfMessage), 1000);
  capture.OnSent(1, DataFrame(1, kLastOfMessage), 5000000);
  message_bytes = 100;
  capture.OnSent(1, DataFrame(2, kFirstOfMessage | kLastOfMessage), 9000000);
  capture.OnSent(1, DataFrame(2, kFirstOfMessage | kLastOfMessage | kRetransmission),
                 3000000001000);
  capture.OnReceived(1, AckFrame(1), 3000000);
  capture.OnReceived(1, AckFrame(2), 9500999);
  capture.OnReceived(0, DataFrame(0, kFirstOfMessage), 100);  // another host
  capture.Finish();
  folder.Write("summary.json", "{}");
  folder.Finish();
  const std::string file = root.Read("run/pcap/host-1.pcap");
  EXPECT_EQ(Little(file, 0), 0xa1b23c4du);
  EXPECT_EQ(Little(file, 4), 4u << 16 | 2u);
  EXPECT_EQ(Little(file, 16), 58u);
  EXPECT_EQ(Little(file, 20), 1u);
  std::vector<uint64_t> times_ns;
  std::vector<std::string> records;
  for (size_t at = 24; at < file.size(); at += 16 + Little(file, at + 8)) {
    times_ns.push_back(uint64_t{Little(file, at)} * 1000000000 + Little(file, at + 4));
    records.push_back(file.substr(at + 16, Little(file, at + 8)));
    EXPECT_EQ(Little(file, at + 8), 58u);
  }
  EXPECT_EQ(times_ns, (std::vector<uint64_t>{1, 3000, 5000, 9000, 9500, 3000000001}));
  // Message sequence numbers: none complete, then the first one.
  ASSERT_EQ(records.size(), 6u);
  EXPECT_EQ(records[1].substr(54), std::string("\x1f\0\0\0", 4));
  EXPECT_EQ(records[4].substr(54), std::string("\x1f\0\0\1", 4));
}

TEST(PacketCapture, ANewRunRemovesOldCaptures) {
  TestFolder root;
  root.Put("run/summary.json", "{}");
  root.Put("run/pcap/host-9.pcap", "old");
  root.Put("run/pcap/host-8.pcap.part", "old");
  { ResultFolder folder(root.Path(), "run"); }
  EXPECT_FALSE(root.Has("run/pcap"));
  root.Put("run/pcap/host-9.pcap", "old");
  root.Put("run/pcap/notes.txt", "the user's");
  { ResultFolder folder(root.Path(), "run"); }
  EXPECT_EQ(root.Names("run/pcap"), std::vector<std::string>{"notes.txt"});
}

TEST(PacketCapture, HostsByName) {
  const std::vector<std::string> names{"host-0", "rack 1/host", "host-2"};
  const auto hosts = ParseCaptureHosts("--pcap", "host-2,rack 1/host", names);
  ASSERT_EQ(hosts.size(), 2u);
  EXPECT_EQ(hosts[0].host, 1u);
  EXPECT_EQ(hosts[0].file_name, "rack_1_host-1");
  EXPECT_EQ(hosts[1].file_name, "host-2");
  EXPECT_EQ(ParseCaptureHosts("--pcap", "all", names).size(), 3u);
  EXPECT_THROW(ParseCaptureHosts("--pcap", "host-3", names), InputError);
  EXPECT_THROW(ParseCaptureHosts("--pcap", "all", std::vector<std::string>(257, "h")), InputError);
}

}  // namespace
}  // namespace ddlsim
