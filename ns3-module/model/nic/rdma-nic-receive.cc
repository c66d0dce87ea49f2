// SPDX-License-Identifier: GPL-2.0-only
//
// The receiver's side: order, acknowledgement, congestion notification, delivery; and timers.
#include <utility>
#include <vector>

#include "nic/rdma-nic.h"
#include "nic/wire-format.h"

namespace ddlsim {

void RdmaNic::OnFrame(uint32_t host, uint32_t frame_index) {
  Frame& frame = m_fabric.Frames()[frame_index];
  if (frame.type == FrameType::kData) {
    OnData(host, frame_index, frame);
  } else if (IsForeign(frame.type)) {
    OnForeignFrame(host, frame_index);
  } else {
    OnAck(frame_index, frame);
  }
}

void RdmaNic::OnData(uint32_t host, uint32_t frame_index, Frame& frame) {
  ReceiveQueuePair& qp = m_receive[frame.queue_pair];
  if ((frame.flags & kEcnMarked) != 0) NotifyCongestion(host, frame, qp);
  if ((frame.flags & kTrimmed) != 0) return OnTrimmedData(host, frame_index, qp);
  if (frame.psn != qp.expected_psn) {
    const bool is_gap = static_cast<int32_t>(frame.psn - qp.expected_psn) > 0;
    if (!is_gap) return Respond(host, frame_index, FrameType::kAck, qp);  // its ACK was lost
    if (m_config.is_selective_repeat) return OnEarlyData(host, frame_index, qp);
    if (qp.is_nak_sent) return m_fabric.Frames().Free(frame_index);
    qp.is_nak_sent = true;  // once per gap: InfiniBand specification, section 9.7.5.2.8
    return Respond(host, frame_index, FrameType::kNak, qp);
  }
  if (qp.reorder != nullptr && !qp.reorder->IsEmpty()) return CloseGap(host, frame_index, qp);
  const uint64_t received_bytes = Accept(frame, qp);
  if ((frame.flags & kLastOfMessage) != 0) {
    const Frame last = frame;
    Respond(host, frame_index, FrameType::kAck, qp);
    Deliver(host, qp, last, received_bytes);
  } else if (qp.unacknowledged >= m_config.ack_every ||
             (frame.message_retransmissions & kAsksForAck) != 0) {
    Respond(host, frame_index, FrameType::kAck, qp);
  } else {
    m_fabric.Frames().Free(frame_index);
  }
}

// The expected packet. Returns the bytes of its message so far.
inline uint64_t RdmaNic::Accept(const Frame& frame, ReceiveQueuePair& qp) {
  ++qp.expected_psn;
  ++qp.unacknowledged;
  qp.is_nak_sent = false;
  const bool is_first = (frame.flags & kFirstOfMessage) != 0;
  const LinkSizes& sizes = SizesOf(qp.link_class);
  const uint32_t payload_bytes = frame.size_bytes - m_extra_header_bytes - sizes.header_bytes -
                                 (is_first ? sizes.first_bytes : 0);
  qp.received_bytes = payload_bytes + (is_first ? 0 : qp.received_bytes);
  return qp.received_bytes;
}

// Selective repeat: keeps what came ahead of a gap, and says at once what came and what is missing.
void RdmaNic::OnEarlyData(uint32_t host, uint32_t frame_index, ReceiveQueuePair& qp) {
  Frame& frame = m_fabric.Frames()[frame_index];
  if (qp.reorder == nullptr) qp.reorder = std::make_unique<ReorderBuffer>();
  const uint32_t answer_index = m_fabric.Frames().Allocate();
  Frame& answer = m_fabric.Frames()[answer_index];
  answer = frame;
  answer.cookie = frame.psn;
  const bool is_first = (frame.flags & kFirstOfMessage) != 0;
  answer.message_start_ps =
      frame.size_bytes - m_extra_header_bytes - (is_first ? SizesOf(qp.link_class).first_bytes : 0);
  if (!qp.reorder->Put(qp.expected_psn, frame.psn, frame_index)) {
    m_fabric.Frames().Free(frame_index);
  }
  Respond(host, answer_index, FrameType::kNak, qp);
}

// A header alone has come: its packet is lost, and known to be. It is a mark of congestion too.
void RdmaNic::OnTrimmedData(uint32_t host, uint32_t frame_index, ReceiveQueuePair& qp) {
  Frame& frame = m_fabric.Frames()[frame_index];
  if ((frame.flags & kEcnMarked) == 0) NotifyCongestion(host, frame, qp);
  if (static_cast<int32_t>(frame.psn - qp.expected_psn) < 0) {
    return Respond(host, frame_index, FrameType::kAck, qp);
  }
  if (m_config.is_selective_repeat) {
    frame.cookie = frame.psn;
    Respond(host, frame_index, FrameType::kNak, qp, kTrimmed);
  } else if (qp.is_nak_sent) {
    m_fabric.Frames().Free(frame_index);
  } else {
    qp.is_nak_sent = true;
    Respond(host, frame_index, FrameType::kNak, qp);
  }
}

// The expected packet has come and sets free those behind it: one acknowledgement for all.
void RdmaNic::CloseGap(uint32_t host, uint32_t frame_index, ReceiveQueuePair& qp) {
  std::vector<std::pair<Frame, uint64_t>> messages;  // last frames, bytes
  for (;;) {
    const Frame& frame = m_fabric.Frames()[frame_index];
    const uint64_t received_bytes = Accept(frame, qp);
    if ((frame.flags & kLastOfMessage) != 0) messages.push_back({frame, received_bytes});
    uint32_t next_index = kNoFrame;
    if (!qp.reorder->Take(qp.expected_psn, next_index)) break;
    m_fabric.Frames().Free(frame_index);
    frame_index = next_index;
  }
  Respond(host, frame_index, FrameType::kAck, qp);
  for (const auto& [last, received_bytes] : messages) Deliver(host, qp, last, received_bytes);
}

// Turns the frame at hand into its answer, which asks for no memory.
void RdmaNic::Respond(uint32_t host, uint32_t frame_index, FrameType type, ReceiveQueuePair& qp,
                      uint8_t flags) {
  Frame& frame = m_fabric.Frames()[frame_index];
  qp.unacknowledged = 0;
  frame.src_host = host;
  frame.dst_host = qp.src_host;
  frame.flow_hash = qp.flow_hash;
  frame.queue_pair = qp.sender_queue_pair;
  frame.psn = qp.expected_psn;
  frame.transmission = qp.transmissions++;
  frame.type = type;
  frame.marked_packets = qp.marked;
  qp.marked = 0;
  frame.flags = static_cast<uint8_t>(flags | m_config.control_class << kTrafficClassShift);
  frame.size_bytes = static_cast<uint16_t>(SizesOf(qp.link_class).ack_bytes + m_extra_header_bytes);
  if (type == FrameType::kNak) {
    ++m_counters.naks;
  } else {
    ++m_counters.acks;
  }
  SendControl(host, frame_index);
}

// A marked packet: acknowledgements count them, and the notification point of DCQCN sends at most
// one CNP per interval and queue pair.
void RdmaNic::NotifyCongestion(uint32_t host, const Frame& frame, ReceiveQueuePair& qp) {
  ++qp.marked;
  if (!m_config.sends_cnp || m_fabric.NowPs() < qp.next_cnp_ps) return;
  qp.next_cnp_ps = m_fabric.NowPs() + m_config.cnp_interval_ps;
  const uint32_t cnp_index = m_fabric.Frames().Allocate();
  Frame& cnp = m_fabric.Frames()[cnp_index];
  cnp = frame;
  cnp.src_host = host;
  cnp.dst_host = qp.src_host;
  cnp.flow_hash = qp.flow_hash;
  cnp.queue_pair = qp.sender_queue_pair;
  cnp.transmission = qp.transmissions++;
  cnp.type = FrameType::kCnp;
  cnp.flags = static_cast<uint8_t>(m_config.control_class << kTrafficClassShift);
  cnp.size_bytes = kCnpBytes;
  ++m_counters.cnps;
  SendControl(host, cnp_index);
}

// Control frames go before data, behind the frame in service.
void RdmaNic::SendControl(uint32_t host_index, uint32_t frame_index) {
  Host& host = m_hosts[host_index];
  if (!host.is_pull_set && m_fabric.IsPortFree(host_index) &&
      !IsHeldBack(host_index, m_config.control_class)) {
    return m_fabric.TransmitFromHost(host_index, frame_index);
  }
  m_fabric.Frames()[frame_index].next = kNoFrame;
  if (host.control_head == kNoFrame) {
    host.control_head = frame_index;
  } else {
    m_fabric.Frames()[host.control_tail].next = frame_index;
  }
  host.control_tail = frame_index;
  if (host.is_pull_set) return;
  host.is_pull_set = true;
  m_fabric.Schedule(m_fabric.PortBusyUntilPs(host_index), EventClass::kPortFree, host_index, 0);
}

void RdmaNic::Deliver(uint32_t host, const ReceiveQueuePair& qp, const Frame& frame,
                      uint64_t size_bytes) {
  ++m_counters.messages_received;
  m_counters.payload_bytes_received += size_bytes;
  if (m_flow_observer != nullptr) {
    PathProfile& profile = m_profiles[m_send[qp.sender_queue_pair].profile];
    if (profile.last_size_bytes != size_bytes) {
      profile.last_size_bytes = size_bytes;
      profile.last_ideal_ps = profile.model.IdealPs(size_bytes);
    }
    FlowRecord record;
    record.src_host = qp.src_host;
    record.dst_host = host;
    record.channel = qp.channel;
    record.cookie = frame.cookie;
    record.size_bytes = size_bytes;
    record.start_ps = frame.message_start_ps;
    record.end_ps = m_fabric.NowPs();
    record.ideal_ps = profile.last_ideal_ps;
    record.retransmitted_packets = frame.message_retransmissions & ~kAsksForAck;
    m_flow_observer->OnFlow(record);
  }
  if (m_listener != nullptr) {
    m_listener->OnMessageReceived(host, qp.src_host, frame.cookie, size_bytes);
  }
}

void RdmaNic::SetTimer(uint32_t host, uint64_t delay_ps, uint32_t key, uint64_t cookie) {
  const uint32_t index = m_timers.Allocate();
  m_timers[index] = {host, cookie};
  m_fabric.Schedule(m_fabric.NowPs() + delay_ps, EventClass::kHostTimer, key, index);
}

void RdmaNic::OnHostTimer(uint32_t ref) {
  const Timer timer = m_timers[ref];
  m_timers.Free(ref);
  m_listener->OnTimer(timer.host, timer.cookie);
}

void RdmaNic::Prefetch(EventClass event_class, uint32_t fact, uint32_t ref) {
  uint32_t host = fact;
  if (event_class == EventClass::kHostArrival) {
    const Frame& frame = m_fabric.Frames()[ref];
    host = frame.node & ~kHostBit;
    if (IsForeign(frame.type)) return;
    if (frame.type == FrameType::kData) {
      __builtin_prefetch(&m_receive[frame.queue_pair], 1);
    } else {
      __builtin_prefetch(&m_send[frame.queue_pair], 1);
    }
  } else if (event_class == EventClass::kPortFree) {
    const uint32_t qp_index = m_hosts[host].active_head;
    if (qp_index != kNone) {
      const char* qp = reinterpret_cast<const char*>(&m_send[qp_index]);
      __builtin_prefetch(qp, 1);
      __builtin_prefetch(qp + 64, 1);
    }
  } else {
    return;
  }
  __builtin_prefetch(&m_hosts[host], 1);
  m_fabric.PrefetchPort(host);
}

}  // namespace ddlsim
