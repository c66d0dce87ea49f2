// SPDX-License-Identifier: GPL-2.0-only
#include "results/packet-capture.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "base/input-error.h"
#include "fabric/time.h"
#include "nic/wire-format.h"

namespace ddlsim {
namespace {

constexpr size_t kHostsMax = 256;  // files that are open at a time
constexpr uint32_t kSnapshotMaxBytes = 65535;
constexpr uint32_t kEthernet = 1;
constexpr uint64_t kPsPerNs = 1000;

void PutLittle(std::string& out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::string FileHeader(uint32_t snapshot_bytes) {
  std::string header;
  PutLittle(header, 0xa1b23c4d, 4);
  PutLittle(header, 2, 2);  // version 2.4
  PutLittle(header, 4, 2);
  PutLittle(header, 0, 4);  // time zone
  PutLittle(header, 0, 4);  // accuracy
  PutLittle(header, snapshot_bytes, 4);
  PutLittle(header, kEthernet, 4);
  return header;
}

// A name of the topology as the name of a file.
std::string FileName(const std::string& name, uint32_t host) {
  std::string plain;
  for (const char c : name.substr(0, 100)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                          (c == '.' && !plain.empty());
    plain.push_back(is_plain ? c : '_');
  }
  return plain == name ? name : plain + "-" + std::to_string(host);
}

}  // namespace

PacketCapture::PacketCapture(ResultFolder& folder, const CaptureConfig& config,
                             MessageBytes message_bytes)
    : m_config(config), m_message_bytes(std::move(message_bytes)) {
  if (m_config.snapshot_bytes == 0) m_config.snapshot_bytes = kSnapshotMaxBytes;
  for (const CaptureHost& captured : m_config.hosts) {
    if (captured.host >= m_hosts.size()) m_hosts.resize(captured.host + 1);
    ResultFile& file = folder.Open("pcap/" + captured.file_name + ".pcap");
    file.Append(FileHeader(m_config.snapshot_bytes));
    m_hosts[captured.host].file = &file;
  }
}

// Notes where a message begins, for the headers of all that concerns it later.
void PacketCapture::NoteMessage(const Frame& frame) {
  const uint32_t queue_pair = frame.queue_pair;  // both ends have the same index
  if (queue_pair >= m_messages.size()) m_messages.resize(queue_pair + 1);
  const uint64_t size_bytes = m_message_bytes(queue_pair);
  const uint64_t packets = PacketCount(size_bytes, m_config.payload_bytes);
  m_messages[queue_pair].push_back(
      {frame.psn, frame.psn + static_cast<uint32_t>(packets), size_bytes});
}

RoceContext PacketCapture::ContextOf(const Frame& frame) const {
  RoceContext context;
  const bool is_first = frame.type == FrameType::kData && (frame.flags & kFirstOfMessage) != 0;
  const bool is_answer = frame.type == FrameType::kAck || frame.type == FrameType::kNak;
  if ((!is_first && !is_answer) || frame.queue_pair >= m_messages.size()) return context;
  // Messages of a queue pair follow one another without gaps.
  const std::vector<SentMessage>& messages = m_messages[frame.queue_pair];
  const auto is_before = [](const SentMessage& message, uint32_t psn) {
    return static_cast<int32_t>(message.end_psn - psn) <= 0;
  };
  const auto found = std::lower_bound(messages.begin(), messages.end(), frame.psn, is_before);
  if (is_first && found != messages.end()) context.message_bytes = found->size_bytes;
  context.messages_arrived = static_cast<uint32_t>(found - messages.begin());
  return context;
}

std::string PacketCapture::MakeRecord(const Frame& frame, uint64_t time_ps) const {
  const std::string bytes = RoceBytes(frame, ContextOf(frame), m_config.snapshot_bytes);
  std::string record;
  record.reserve(16 + bytes.size());
  PutLittle(record, static_cast<uint32_t>(time_ps / kPsPerSecond), 4);
  PutLittle(record, static_cast<uint32_t>(time_ps % kPsPerSecond / kPsPerNs), 4);
  PutLittle(record, static_cast<uint32_t>(bytes.size()), 4);
  PutLittle(record, RocePacketBytes(frame), 4);
  return record += bytes;
}

void PacketCapture::WriteUntil(Host& host, uint64_t time_ps) {
  while (!host.leaving.empty() && host.leaving.front().time_ps <= time_ps) {
    host.file->Append(host.leaving.front().bytes);
    host.leaving.pop_front();
  }
}

void PacketCapture::OnSent(uint32_t host, const Frame& frame, uint64_t time_ps) {
  if (IsForeign(frame.type)) return;  // ns-3's own captures show them
  if (!IsCaptured(frame.src_host) && !IsCaptured(frame.dst_host)) return;
  constexpr uint8_t kOfInterest = kFirstOfMessage | kRetransmission;
  if (frame.type == FrameType::kData && (frame.flags & kOfInterest) == kFirstOfMessage) {
    NoteMessage(frame);
  }
  if (IsCaptured(host)) m_hosts[host].leaving.push_back({time_ps, MakeRecord(frame, time_ps)});
}

void PacketCapture::OnReceived(uint32_t host, const Frame& frame, uint64_t time_ps) {
  if (!IsCaptured(host) || IsForeign(frame.type)) return;
  WriteUntil(m_hosts[host], time_ps);
  m_hosts[host].file->Append(MakeRecord(frame, time_ps));
}

void PacketCapture::Finish() {
  for (Host& host : m_hosts) {
    if (host.file != nullptr) WriteUntil(host, kNeverPs);
  }
}

std::vector<CaptureHost> ParseCaptureHosts(const std::string& place, const std::string& text,
                                           const std::vector<std::string>& host_names) {
  std::vector<bool> is_chosen(host_names.size(), text == "all");
  std::istringstream entries(text == "all" ? "" : text);
  for (std::string entry; std::getline(entries, entry, ',');) {
    const auto found = std::find(host_names.begin(), host_names.end(), entry);
    if (found == host_names.end()) {
      throw InputError(place, "'" + Printable(entry) + "' is no host",
                       "name hosts such as " + host_names.front() + ", or all");
    }
    is_chosen[static_cast<size_t>(found - host_names.begin())] = true;
  }
  std::vector<CaptureHost> hosts;
  for (uint32_t i = 0; i < host_names.size(); ++i) {
    if (is_chosen[i]) hosts.push_back({i, FileName(host_names[i], i)});
  }
  if (hosts.size() > kHostsMax) {
    throw InputError(place, "names " + std::to_string(hosts.size()) + " hosts",
                     "name at most " + std::to_string(kHostsMax));
  }
  return hosts;
}

}  // namespace ddlsim
