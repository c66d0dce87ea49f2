// SPDX-License-Identifier: GPL-2.0-only
//
// pcap/HOST.pcap: what a host's port sends and receives, as RoCEv2 packets. The format is that of
// libpcap with time stamps in nanoseconds (magic number 0xa1b23c4d), link type Ethernet.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "fabric/packet-observer.h"
#include "results/result-folder.h"
#include "results/roce-bytes.h"

namespace ddlsim {

struct CaptureHost {
  uint32_t host = 0;
  std::string file_name;  // without folder and ending
};

struct CaptureConfig {
  std::vector<CaptureHost> hosts;
  uint32_t snapshot_bytes = 128;  // of a packet that are kept; 0: all
  uint32_t payload_bytes = 4096;  // of a full packet (NicConfig)
};

// A packet sent is stamped with the time at which its first bit leaves, one received with that of
// its last bit's arrival, both rounded down to nanoseconds. Records are in order of time.
class PacketCapture final : public PacketObserver {
 public:
  // Bytes of the message that a sending queue pair, by its index, is at.
  using MessageBytes = std::function<uint64_t(uint32_t queue_pair)>;

  // Opens the files. `folder` outlives the capture.
  PacketCapture(ResultFolder& folder, const CaptureConfig& config, MessageBytes message_bytes);

  void OnSent(uint32_t host, const Frame& frame, uint64_t time_ps) override;
  void OnReceived(uint32_t host, const Frame& frame, uint64_t time_ps) override;
  // Writes what was given to a port and had not left yet. Before the folder's own Finish().
  void Finish();

 private:
  struct Record {
    uint64_t time_ps;
    std::string bytes;
  };
  struct Host {
    ResultFile* file = nullptr;  // null: not captured
    std::deque<Record> leaving;  // packets that leave later than now
  };
  struct SentMessage {
    uint32_t first_psn;
    uint32_t end_psn;
    uint64_t size_bytes;
  };

  bool IsCaptured(uint32_t host) const {
    return host < m_hosts.size() && m_hosts[host].file != nullptr;
  }
  void NoteMessage(const Frame& frame);
  RoceContext ContextOf(const Frame& frame) const;
  std::string MakeRecord(const Frame& frame, uint64_t time_ps) const;
  static void WriteUntil(Host& host, uint64_t time_ps);

  CaptureConfig m_config;
  MessageBytes m_message_bytes;
  std::vector<Host> m_hosts;                         // by number
  std::vector<std::vector<SentMessage>> m_messages;  // by queue pair, in order
};

// "host-0,host-3" or "all", of hosts with these names. Throws InputError.
std::vector<CaptureHost> ParseCaptureHosts(const std::string& place, const std::string& text,
                                           const std::vector<std::string>& host_names);

}  // namespace ddlsim
