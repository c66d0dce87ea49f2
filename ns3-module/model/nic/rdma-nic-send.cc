// SPDX-License-Identifier: GPL-2.0-only
//
// The sender's side: the port's arbiter, emission, acknowledgement, go-back-N.
#include <algorithm>

#include "nic/rdma-nic.h"
#include "nic/wire-format.h"

namespace ddlsim {
namespace {

enum TimerPurpose : uint32_t { kRetransmit = 0, kWake = 1 };
constexpr uint32_t kBackoffShiftMax = 4;

uint32_t TimerFact(const SendQueuePair& qp) {
  return qp.dst_host << 9 | qp.channel;
}

bool IsBefore(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b) < 0;
}

}  // namespace

void RdmaNic::SendMessage(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                          uint64_t size_bytes, uint64_t cookie) {
  const uint32_t qp_index = FindQueuePair(src_host, dst_host, channel);
  SendQueuePair& qp = m_send[qp_index];
  const uint32_t index = m_messages.Allocate();
  Message& message = m_messages[index];
  message.size_bytes = size_bytes;
  message.cookie = cookie;
  message.start_ps = m_fabric.NowPs();
  message.packet_count =
      static_cast<uint32_t>(PacketCount(size_bytes, SizesOf(qp.link_class).payload_bytes));
  message.next = kNone;
  message.retransmissions = 0;
  message.queue_pair = qp_index;
  if (qp.una_message == kNone) {
    message.first_psn = qp.next_psn;
    qp.una_message = index;
    qp.una_end_psn = message.EndPsn();
  } else {
    Message& last = m_messages[qp.last_message];
    message.first_psn = last.EndPsn();
    last.next = index;
  }
  qp.last_message = index;
  if (qp.next_message == kNone) LoadMessage(qp, index);
  ++m_counters.messages_sent;
  if (m_flow_observer != nullptr) {
    m_flow_observer->OnFlowStart(src_host, dst_host, channel, size_bytes);
  }
  Activate(qp_index);
}

// Makes `index` the message that is sent next.
inline void RdmaNic::LoadMessage(SendQueuePair& qp, uint32_t index) {
  qp.next_message = index;
  if (index == kNone) return;
  const Message& message = m_messages[index];
  qp.message_bytes = message.size_bytes;
  qp.message_cookie = message.cookie;
  qp.message_start_ps = message.start_ps;
  qp.message_first_psn = message.first_psn;
  qp.message_end_psn = message.EndPsn();
  qp.message_retransmissions = message.retransmissions;
}

// Payload of packet next_psn.
inline uint32_t RdmaNic::PayloadBytes(const SendQueuePair& qp) const {
  const uint32_t full_bytes = SizesOf(qp.link_class).payload_bytes;
  const uint64_t before = uint64_t{qp.next_psn - qp.message_first_psn} * full_bytes;
  const uint64_t left = qp.message_bytes - before;
  return left < full_bytes ? static_cast<uint32_t>(left) : full_bytes;
}

// Whether pacing lets the queue pair's next packet leave at `at_ps`.
inline bool RdmaNic::MayLeave(const SendQueuePair& qp, uint64_t at_ps) const {
  return !qp.is_failed && (!m_has_congestion_control || qp.next_send_ps <= at_ps);
}

// Whether the queue pair has a packet that may leave at `at_ps`. What was lost is not under way, so
// no window holds it back.
inline bool RdmaNic::CanSend(SendQueuePair& qp, uint64_t at_ps) {
  if (qp.has_lost) {
    if (qp.is_foreign) return HasForeign(qp.src_host);
    qp.has_lost = qp.sack->HasLost();
    if (qp.has_lost) return MayLeave(qp, at_ps);
  }
  if (qp.next_message == kNone || qp.InFlightBytes() >= qp.window_bytes) return false;
  if (!m_has_congestion_control) return !qp.is_failed;
  return MayLeave(qp, at_ps) &&
         (qp.InFlightBytes() < qp.congestion_control->WindowBytes(m_fabric.NowPs()) ||
          !IsAckDue(qp));
}

// Whether what is under way will be acknowledged without more: there are packets enough, one asks
// for it, or one ends its message. A window that falls below so few packets would wait for ever; it
// lets one more out, which asks.
inline bool RdmaNic::IsAckDue(const SendQueuePair& qp) const {
  return qp.next_psn - qp.una_psn >= m_config.ack_every || IsBefore(qp.una_psn, qp.asked_psn) ||
         !IsBefore(qp.next_psn, qp.una_end_psn);
}

// Puts the queue pair into its host's round if it can send now.
void RdmaNic::Activate(uint32_t qp_index) {
  SendQueuePair& qp = m_send[qp_index];
  if (qp.is_active) return;
  const uint64_t port_free_ps = std::max(m_fabric.NowPs(), m_fabric.PortBusyUntilPs(qp.src_host));
  if (!CanSend(qp, port_free_ps)) return WakeLater(qp, qp_index);
  Host& host = m_hosts[qp.src_host];
  qp.is_active = true;
  qp.next_active = kNone;
  if (host.active_head == kNone) {
    host.active_head = qp_index;
  } else {
    m_send[host.active_tail].next_active = qp_index;
  }
  host.active_tail = qp_index;
  Kick(qp.src_host);
}

// A paced queue pair comes back by an event when its time has come.
inline void RdmaNic::WakeLater(SendQueuePair& qp, uint32_t qp_index) {
  if (!m_has_congestion_control || qp.is_wake_set) return;
  if (qp.next_message == kNone && !qp.has_lost) return;
  if (qp.next_send_ps <= m_fabric.NowPs()) return;
  qp.is_wake_set = true;
  m_fabric.Schedule(qp.next_send_ps, EventClass::kQueuePairTimer, TimerFact(qp),
                    qp_index << 1 | kWake);
}

void RdmaNic::OnResume(uint32_t host_index) {
  Kick(host_index);
}

inline void RdmaNic::Kick(uint32_t host_index) {
  Host& host = m_hosts[host_index];
  if (host.is_pull_set) return;
  if (m_fabric.IsPortFree(host_index)) return Pull(host_index);
  host.is_pull_set = true;
  m_fabric.Schedule(m_fabric.PortBusyUntilPs(host_index), EventClass::kPortFree, host_index, 0);
}

void RdmaNic::OnPortFree(uint32_t host_index) {
  m_hosts[host_index].is_pull_set = false;
  Pull(host_index);
}

// All waiting control frames and one packet; the grant covers them together, so that a port busy
// both ways costs one event per packet and not one per frame.
void RdmaNic::Pull(uint32_t host_index) {
  Host& host = m_hosts[host_index];
  while (host.control_head != kNoFrame && !IsHeldBack(host_index, m_config.control_class)) {
    const uint32_t frame_index = host.control_head;
    host.control_head = m_fabric.Frames()[frame_index].next;
    m_fabric.TransmitFromHost(host_index, frame_index);
  }
  if (IsHeldBack(host_index, m_config.data_class)) return PullForeign(host_index);
  while (host.active_head != kNone) {
    const uint32_t qp_index = host.active_head;
    SendQueuePair& qp = m_send[qp_index];
    host.active_head = qp.next_active;
    qp.is_active = false;
    const uint64_t free_ps = std::max(m_fabric.NowPs(), m_fabric.PortBusyUntilPs(host_index));
    if (!CanSend(qp, free_ps)) {
      WakeLater(qp, qp_index);
      continue;
    }
    if (qp.has_lost) {
      EmitLost(host_index, qp_index, qp);
    } else {
      Emit(host_index, qp_index, qp);
    }
    if (CanSend(qp, m_fabric.PortBusyUntilPs(host_index))) {
      qp.is_active = true;
      qp.next_active = kNone;
      if (host.active_head == kNone) {
        host.active_head = qp_index;
      } else {
        m_send[host.active_tail].next_active = qp_index;
      }
      host.active_tail = qp_index;
    } else {
      WakeLater(qp, qp_index);
    }
    break;
  }
  if (host.active_head == kNone || host.is_pull_set) return;
  host.is_pull_set = true;
  m_fabric.Schedule(std::max(m_fabric.NowPs(), m_fabric.PortBusyUntilPs(host_index)),
                    EventClass::kPortFree, host_index, 0);
}

// Whether packet next_psn asks for an acknowledgement: the algorithm wants it, or the window closes
// behind it on so few packets that a receiver which waits for more of them could wait for ever.
// After a window was halved as few may be left under way of up to twice as many.
inline bool RdmaNic::AsksForAck(SendQueuePair& qp) const {
  const uint64_t in_flight_bytes =
      qp.InFlightBytes() + PayloadBytes(qp) + SizesOf(qp.link_class).header_bytes;
  if (qp.congestion_control->AskForAck(in_flight_bytes)) return true;
  if (m_config.ack_every == 1) return false;
  const uint64_t window_bytes = qp.congestion_control->WindowBytes(m_fabric.NowPs());
  return window_bytes <= in_flight_bytes && window_bytes < m_small_window_bytes;
}

// The frame of packet next_psn.
inline uint32_t RdmaNic::MakeDataFrame(uint32_t host_index, SendQueuePair& qp) {
  const bool is_first = qp.next_psn == qp.message_first_psn;
  const bool is_last = qp.next_psn + 1 == qp.message_end_psn;
  const bool is_retransmission = IsBefore(qp.next_psn, qp.highest_psn);
  if (is_retransmission) {
    NoteRetransmission(qp);
  } else {
    qp.highest_psn = qp.next_psn + 1;
  }
  const uint32_t frame_index = m_fabric.Frames().Allocate();
  Frame& frame = m_fabric.Frames()[frame_index];
  frame.cookie = qp.message_cookie;
  frame.message_start_ps = qp.message_start_ps;
  frame.sent_ps = std::max(m_fabric.NowPs(), m_fabric.PortBusyUntilPs(host_index));
  frame.src_host = qp.src_host;
  frame.dst_host = qp.dst_host;
  frame.flow_hash = qp.flow_hash;
  frame.queue_pair = qp.peer_queue_pair;
  frame.psn = qp.next_psn;
  frame.transmission = qp.transmissions++;
  frame.message_retransmissions = qp.message_retransmissions;
  const LinkSizes& sizes = SizesOf(qp.link_class);
  frame.size_bytes =
      static_cast<uint16_t>(PayloadBytes(qp) + sizes.header_bytes +
                            (is_first ? sizes.first_bytes : 0) + m_extra_header_bytes);
  frame.type = FrameType::kData;
  if (m_has_congestion_control && AsksForAck(qp)) {
    frame.message_retransmissions |= kAsksForAck;
    qp.asked_psn = qp.next_psn + 1;
  }
  frame.flags = static_cast<uint8_t>(
      (is_first ? kFirstOfMessage : 0) | (is_last ? kLastOfMessage : 0) |
      (is_retransmission ? kRetransmission : 0) | m_config.data_class << kTrafficClassShift);
  if (m_extra_header_bytes != 0) m_fabric.BeginTelemetry(frame_index);
  ++m_counters.data_packets;
  qp.progress_ps = m_fabric.NowPs();
  return frame_index;
}

// Sends packet next_psn.
inline void RdmaNic::Emit(uint32_t host_index, uint32_t qp_index, SendQueuePair& qp) {
  const bool is_new = !IsBefore(qp.next_psn, qp.highest_psn);
  const uint32_t frame_bytes = PayloadBytes(qp) + SizesOf(qp.link_class).header_bytes;
  const uint32_t frame_index = MakeDataFrame(host_index, qp);
  if (!qp.is_timer_set) SetRetransmitTimer(qp_index, qp, qp.progress_ps + qp.timeout_ps);
  m_fabric.TransmitFromHost(host_index, frame_index);
  qp.next_offset += frame_bytes;
  if (++qp.next_psn == qp.message_end_psn) {
    if (is_new && m_listener != nullptr) {
      m_fabric.Schedule(m_fabric.PortBusyUntilPs(host_index), EventClass::kTransmitted, host_index,
                        qp.next_message);
    }
    LoadMessage(qp, m_messages[qp.next_message].next);
  }
  if (m_has_congestion_control) AfterEmit(qp, frame_bytes);
}

// Sends the next lost packet again (selective repeat), out of its turn.
void RdmaNic::EmitLost(uint32_t host_index, uint32_t qp_index, SendQueuePair& qp) {
  if (qp.is_foreign) return EmitForeign(host_index);
  const uint32_t next_psn = qp.next_psn, next_message = qp.next_message;
  qp.next_psn = qp.sack->NextLost();
  uint32_t message = qp.una_message;
  while (!IsBefore(qp.next_psn, m_messages[message].EndPsn())) message = m_messages[message].next;
  LoadMessage(qp, message);
  const uint32_t frame_bytes = PayloadBytes(qp) + SizesOf(qp.link_class).header_bytes;
  const uint32_t frame_index = MakeDataFrame(host_index, qp);
  qp.next_psn = next_psn;
  LoadMessage(qp, next_message);
  qp.sack->NoteRetransmitted(qp.next_psn);
  if (!qp.is_timer_set) SetRetransmitTimer(qp_index, qp, qp.progress_ps + qp.timeout_ps);
  m_fabric.TransmitFromHost(host_index, frame_index);
  if (m_has_congestion_control) AfterEmit(qp, frame_bytes);
}

void RdmaNic::NoteRetransmission(SendQueuePair& qp) {
  ++m_counters.retransmitted_packets;
  qp.message_retransmissions = ++m_messages[qp.next_message].retransmissions;
}

// One event per queue pair is under way while anything is unacknowledged; acknowledgements only
// note their time, and the event follows it.
void RdmaNic::SetRetransmitTimer(uint32_t qp_index, SendQueuePair& qp, uint64_t deadline_ps) {
  qp.is_timer_set = true;
  m_fabric.Schedule(deadline_ps, EventClass::kQueuePairTimer, TimerFact(qp),
                    qp_index << 1 | kRetransmit);
}

// Pacing: the next packet may leave when this one has taken its time at the rate in force.
void RdmaNic::AfterEmit(SendQueuePair& qp, uint32_t frame_bytes) {
  const uint64_t now_ps = m_fabric.NowPs();
  qp.congestion_control->OnSent(now_ps, frame_bytes);
  const double rate_bps = qp.congestion_control->RateBps(now_ps);
  const double gap_ps = 8e12 * (frame_bytes + m_extra_header_bytes + kWireOverheadBytes) / rate_bps;
  qp.next_send_ps = std::max(qp.next_send_ps, now_ps) + static_cast<uint64_t>(gap_ps);
}

void RdmaNic::OnTransmitted(uint32_t, uint32_t ref) {
  const Message& message = m_messages[ref];  // not acknowledged yet: it has only just left
  const SendQueuePair& qp = m_send[message.queue_pair];
  m_listener->OnMessageTransmitted(qp.src_host, qp.dst_host, message.cookie);
}

void RdmaNic::OnAck(uint32_t frame_index, const Frame& frame) {
  SendQueuePair& qp = m_send[frame.queue_pair];
  const uint32_t qp_index = frame.queue_pair;
  const uint32_t psn = frame.psn;
  const FrameType type = frame.type;
  const uint64_t rtt_ps = m_fabric.NowPs() - frame.sent_ps;
  const uint32_t marked_packets = frame.marked_packets;
  // Of a NAK in selective repeat: the packet that came.
  const uint32_t early_psn = static_cast<uint32_t>(frame.cookie);
  const uint16_t early_bytes = static_cast<uint16_t>(frame.message_start_ps);
  const bool is_trimmed = (frame.flags & kTrimmed) != 0;
  m_fabric.Frames().Free(frame_index);  // its telemetry stays until the frame is sent again
  if (type == FrameType::kCnp) {
    if (m_has_congestion_control) qp.congestion_control->OnCnp(m_fabric.NowPs());
    return;
  }
  const uint64_t una_offset = qp.una_offset;
  const uint32_t una_psn = qp.una_psn;
  Acknowledge(qp, psn);
  uint32_t acked_packets = qp.una_psn - una_psn;
  const bool had_lost = qp.has_lost;
  if (type == FrameType::kNak && m_config.is_selective_repeat) {
    if (is_trimmed) {
      NoteTrimmed(qp, early_psn);
    } else {
      acked_packets += NoteArrival(qp, early_psn, early_bytes) ? 1 : 0;
    }
  }
  if (m_has_congestion_control) {
    AckEvent ack;
    ack.now_ps = m_fabric.NowPs();
    ack.rtt_ps = rtt_ps;
    ack.acked_bytes = qp.una_offset - una_offset;
    ack.acked_packets = acked_packets;
    ack.marked_packets = marked_packets;
    ack.una_psn = qp.una_psn;
    ack.next_psn = qp.next_psn;
    ack.in_flight_bytes = qp.InFlightBytes();
    ack.is_trimmed = is_trimmed;
    if (m_extra_header_bytes != 0) ack.telemetry = &m_fabric.TelemetryOf(frame_index);
    qp.congestion_control->OnAck(ack);
  }
  if (m_config.is_selective_repeat) {
    if (m_has_congestion_control && qp.has_lost && !had_lost) {
      qp.congestion_control->OnLoss(m_fabric.NowPs());
    }
  } else if (type == FrameType::kNak && psn == qp.una_psn && qp.una_message != kNone) {
    if (m_has_congestion_control) qp.congestion_control->OnLoss(m_fabric.NowPs());
    Rewind(qp);
  }
  if (!qp.is_active) Activate(qp_index);
}

SackScoreboard& RdmaNic::Scoreboard(SendQueuePair& qp) {
  if (qp.sack == nullptr) {
    const LinkSizes& sizes = SizesOf(qp.link_class);
    const uint64_t window_packets =
        qp.window_bytes / (sizes.payload_bytes + sizes.header_bytes) + 1;
    qp.sack = std::make_unique<SackScoreboard>(
        m_config.reorder_packets != 0
            ? m_config.reorder_packets
            : static_cast<uint32_t>(std::min<uint64_t>(window_packets, kReorderPacketsMax)));
  }
  return *qp.sack;
}

// Packet `psn` has arrived ahead of una_psn. True when that was not known.
bool RdmaNic::NoteArrival(SendQueuePair& qp, uint32_t psn, uint16_t size_bytes) {
  if (qp.una_message == kNone || !Scoreboard(qp).Sack(qp.una_psn, psn, size_bytes)) return false;
  qp.una_offset += size_bytes;
  qp.has_lost = qp.sack->HasLost();
  return true;
}

// Packet `psn` has arrived without its payload.
void RdmaNic::NoteTrimmed(SendQueuePair& qp, uint32_t psn) {
  if (qp.una_message == kNone || !IsBefore(psn, qp.next_psn)) return;
  Scoreboard(qp).NoteTrimmed(qp.una_psn, psn);
  qp.has_lost = qp.sack->HasLost();
}

// Everything before `psn` has arrived.
inline void RdmaNic::Acknowledge(SendQueuePair& qp, uint32_t psn) {
  if (!IsBefore(qp.una_psn, psn)) return;
  qp.progress_ps = m_fabric.NowPs();
  qp.timeouts = 0;
  if (qp.sack != nullptr) qp.una_offset -= qp.sack->Advance(psn, qp.next_psn);  // they count once
  if (!IsBefore(psn, qp.una_end_psn)) return CompleteMessages(qp, psn);
  // Within the message all packets are full.
  const LinkSizes& sizes = SizesOf(qp.link_class);
  qp.una_offset += uint64_t{psn - qp.una_psn} * (sizes.payload_bytes + sizes.header_bytes);
  qp.una_psn = psn;
  if (IsBefore(qp.next_psn, psn)) Rewind(qp);  // forward: it answers what was sent before a rewind
}

// The acknowledgement of `psn` ends one message or more.
void RdmaNic::CompleteMessages(SendQueuePair& qp, uint32_t psn) {
  const LinkSizes& sizes = SizesOf(qp.link_class);
  uint32_t done = qp.una_message;
  while (qp.una_message != kNone) {
    const Message& message = m_messages[qp.una_message];
    const uint64_t before = qp.una_psn - message.first_psn;
    const bool is_complete = !IsBefore(psn, message.EndPsn());
    const uint64_t packets = is_complete ? message.packet_count : psn - message.first_psn;
    const uint64_t payload = is_complete ? message.size_bytes : packets * sizes.payload_bytes;
    qp.una_offset +=
        payload - before * sizes.payload_bytes + (packets - before) * sizes.header_bytes;
    qp.una_psn = message.first_psn + static_cast<uint32_t>(packets);
    qp.una_end_psn = message.EndPsn();
    if (!is_complete) break;
    qp.una_message = message.next;
  }
  if (IsBefore(qp.next_psn, psn)) Rewind(qp);
  // Callbacks last: they may queue more on this queue pair.
  for (const uint32_t end = qp.una_message; done != end;) {
    const uint32_t index = done;
    done = m_messages[index].next;
    const uint64_t cookie = m_messages[index].cookie;
    m_messages.Free(index);
    if (m_flow_observer != nullptr) {
      m_flow_observer->OnFlowAcknowledged(qp.src_host, qp.dst_host, qp.channel, cookie,
                                          m_fabric.NowPs());
    }
    if (m_listener != nullptr) {
      m_listener->OnMessageAcknowledged(qp.src_host, qp.dst_host, cookie);
    }
  }
}

// Sending goes on at the oldest unacknowledged packet (go-back-N).
void RdmaNic::Rewind(SendQueuePair& qp) {
  qp.next_psn = qp.una_psn;
  qp.next_offset = qp.una_offset;
  LoadMessage(qp, qp.una_message);
}

void RdmaNic::OnQueuePairTimer(uint32_t ref) {
  const uint32_t qp_index = ref >> 1;
  SendQueuePair& qp = m_send[qp_index];
  if ((ref & 1) == kRetransmit) return OnRetransmitTimer(qp_index, qp);
  qp.is_wake_set = false;
  Activate(qp_index);
}

void RdmaNic::OnRetransmitTimer(uint32_t qp_index, SendQueuePair& qp) {
  qp.is_timer_set = false;
  if (qp.una_psn == qp.next_psn || qp.is_failed) return;
  // Waiting for its turn at the port, or for the pace: it is not the network that is silent.
  if (qp.is_active || qp.is_wake_set) qp.progress_ps = m_fabric.NowPs();
  // Doubles with every timeout in a row, up to sixteen times.
  uint64_t deadline_ps =
      qp.progress_ps + (qp.timeout_ps << std::min<uint32_t>(qp.timeouts, kBackoffShiftMax));
  if (deadline_ps <= m_fabric.NowPs()) {
    ++m_counters.timeouts;
    if (m_flow_observer != nullptr) {
      m_flow_observer->OnTimeout(qp.src_host, qp.dst_host, qp.channel, qp.timeouts + 1u);
    }
    if (++qp.timeouts > m_config.retry_limit) {
      qp.is_failed = true;
      return;
    }
    if (m_has_congestion_control) qp.congestion_control->OnTimeout(m_fabric.NowPs());
    if (m_config.is_selective_repeat) {
      Scoreboard(qp).DeclareLost(qp.una_psn, qp.next_psn);
      qp.has_lost = true;
    } else {
      Rewind(qp);
    }
    qp.progress_ps = m_fabric.NowPs();
    deadline_ps =
        qp.progress_ps + (qp.timeout_ps << std::min<uint32_t>(qp.timeouts, kBackoffShiftMax));
  }
  SetRetransmitTimer(qp_index, qp, deadline_ps);
  Activate(qp_index);
}

}  // namespace ddlsim
