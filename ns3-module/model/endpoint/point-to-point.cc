// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/point-to-point.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/input-error.h"
#include "base/quantity.h"
#include "base/rounding.h"
#include "endpoint/communicator-table.h"

namespace ddlsim {
namespace {

std::string DescribePair(uint32_t src_rank, uint32_t dst_rank, uint32_t tag) {
  return "rank " + std::to_string(src_rank) + " to rank " + std::to_string(dst_rank) + ", tag " +
         std::to_string(tag);
}

void CheckSizes(uint32_t src_rank, uint32_t dst_rank, uint32_t tag, uint64_t sent_bytes,
                uint64_t expected_bytes) {
  if (sent_bytes == expected_bytes) return;
  throw InputError(
      DescribePair(src_rank, dst_rank, tag),
      "a send of " + FormatSize(sent_bytes) + " meets a receive of " + FormatSize(expected_bytes),
      "give a send and its receive the same size, in the same order");
}

}  // namespace

PointToPoint::PointToPoint(const RankMap& ranks, Transport& transport, CompletionQueue& completions,
                           const LibraryConfig* library)
    : m_ranks(ranks),
      m_transport(transport),
      m_completions(completions),
      m_matching(ranks.RankCount()) {
  if (library == nullptr) return;
  m_costs = MakePeerCosts(*library, 1);
  m_copies.resize(ranks.RankCount());
  m_send_counts.resize(ranks.RankCount(), 0);
}

void PointToPoint::Check(uint32_t rank, uint32_t peer) const {
  const std::string place = "rank " + std::to_string(rank);
  if (peer >= m_ranks.RankCount()) {
    throw InputError(place, "has a message for or from rank " + std::to_string(peer),
                     "use ranks 0 to " + std::to_string(m_ranks.RankCount() - 1));
  }
  if (peer == rank) throw InputError(place, "has a message to itself", "use another peer");
  if (!m_ranks.AreConnected(rank, peer)) {
    throw InputError("--gpus-per-host",
                     "ranks " + std::to_string(rank) + " and " + std::to_string(peer) +
                         " exchange messages within one host, which has no network",
                     "place ranks that exchange messages in different hosts");
  }
}

uint32_t PointToPoint::TakeSlot() {
  ++m_sends_in_flight;
  if (!m_free_slots.empty()) {
    const uint32_t slot = m_free_slots.back();
    m_free_slots.pop_back();
    return slot;
  }
  if (m_sends.size() == MessageCookie::kSlotCount) {
    throw std::logic_error("more sends in flight than a cookie can count");
  }
  m_sends.emplace_back();
  return static_cast<uint32_t>(m_sends.size() - 1);
}

void PointToPoint::PostSend(uint32_t rank, uint32_t peer, uint32_t tag, uint64_t size_bytes,
                            uint64_t token, bool is_copy) {
  Check(rank, peer);
  const uint32_t slot = TakeSlot();
  Send& send = m_sends[slot];
  send = Send();
  send.src_rank = rank;
  send.dst_rank = peer;
  send.tag = tag;
  send.is_in_use = true;
  send.size_bytes = send.left_bytes = size_bytes;
  send.start_ps = m_transport.NowPs();
  send.token = token;
  if (m_costs && !(is_copy && m_ranks.IsScaleUp(rank, peer))) {
    Launch(slot);
  } else {
    Hand(slot, size_bytes);
  }
}

void PointToPoint::Launch(uint32_t slot) {
  Send& send = m_sends[slot];
  send.number = m_send_counts[send.src_rank]++;
  m_queues[{send.src_rank, send.dst_rank}].push_back(slot);
  const bool is_scale_up = m_ranks.IsScaleUp(send.src_rank, send.dst_rank);
  SetTimer(slot, m_costs->launch_ps + m_costs->ReadyPs(0, is_scale_up, send.size_bytes));
}

void PointToPoint::OnTimer(const MessageCookie& cookie) {
  Send& send = m_sends[cookie.slot];
  const bool is_scale_up = m_ranks.IsScaleUp(send.src_rank, send.dst_rank);
  if (!send.has_begun) {
    if (m_queues.at({send.src_rank, send.dst_rank}).front() == cookie.slot) {
      Begin(cookie.slot);
    } else {
      send.is_due = true;
    }
  } else if (is_scale_up) {
    m_copies[send.src_rank].is_armed = false;
    Pump(send.src_rank);
  } else {
    Begin(cookie.slot);
  }
}

void PointToPoint::Begin(uint32_t slot) {
  Send& send = m_sends[slot];
  send.has_begun = true;
  if (!m_ranks.IsScaleUp(send.src_rank, send.dst_rank)) {
    const uint64_t piece_ps = SendPiece(slot, false);
    if (send.left_bytes > 0) SetTimer(slot, piece_ps);
    return;
  }
  m_copies[send.src_rank].turns.push_back(slot);
  Pump(send.src_rank);
}

void PointToPoint::Pump(uint32_t rank) {
  Copy& copy = m_copies[rank];
  while (!copy.turns.empty() && !copy.is_armed) {
    const uint32_t slot = copy.turns.front();
    const uint64_t now_ps = m_transport.NowPs();
    if (copy.free_ps > now_ps) {
      copy.is_armed = true;
      return SetTimer(slot, copy.free_ps - now_ps);
    }
    copy.turns.pop_front();
    copy.free_ps = now_ps + SendPiece(slot, true);
    if (m_sends[slot].left_bytes > 0) copy.turns.push_back(slot);
  }
}

// Returns how long the piece occupies what copies it.
uint64_t PointToPoint::SendPiece(uint32_t slot, bool is_scale_up) {
  Send& send = m_sends[slot];
  const uint64_t size_bytes = std::min(send.left_bytes, m_costs->PieceBytes(is_scale_up));
  const double ps_per_byte =
      is_scale_up ? m_costs->scale_up_ps_per_byte : m_costs->network_peer_ps_per_byte;
  const uint64_t piece_ps = Rounded(static_cast<double>(size_bytes) * ps_per_byte);
  Hand(slot, size_bytes);
  if (send.left_bytes > 0) return piece_ps;
  const auto queue = m_queues.find({send.src_rank, send.dst_rank});
  queue->second.pop_front();
  if (queue->second.empty()) {
    m_queues.erase(queue);
  } else if (m_sends[queue->second.front()].is_due) {
    SetTimer(queue->second.front(), piece_ps);
  }
  return piece_ps;
}

// Ties between sends of a host are broken by GPU and by the order of its sends, not by slots, which
// depend on other hosts.
void PointToPoint::SetTimer(uint32_t slot, uint64_t delay_ps) {
  const Send& send = m_sends[slot];
  MessageCookie cookie;
  cookie.kind = MessageKind::kChannelTimer;
  cookie.slot = slot;
  cookie.step = MessageCookie::kSendTimerStep;
  cookie.src_gpu = m_ranks.GpuOf(send.src_rank);
  const uint32_t key = 1u << 27 | cookie.src_gpu << 19 | (send.number & 0x7ffff);
  m_transport.SetTimer(m_ranks.EndpointOf(send.src_rank), delay_ps, key, cookie.Encode());
}

// Messages of a queue pair arrive in order: the last piece stands for all.
void PointToPoint::Hand(uint32_t slot, uint64_t size_bytes) {
  Send& send = m_sends[slot];
  send.left_bytes -= size_bytes;
  MessageCookie cookie;
  cookie.kind = MessageKind::kPointToPoint;
  cookie.slot = slot;
  cookie.step = send.left_bytes == 0 ? 1 : 0;
  cookie.src_gpu = m_ranks.GpuOf(send.src_rank);
  cookie.dst_gpu = m_ranks.GpuOf(send.dst_rank);
  const RankRoute route = m_ranks.Route(send.src_rank, send.dst_rank);
  m_transport.SendMessage(route.src, route.dst, CommunicatorTable::kPointToPointChannel, size_bytes,
                          cookie.Encode());
}

void PointToPoint::PostReceive(uint32_t rank, uint32_t peer, uint32_t tag, uint64_t size_bytes,
                               uint64_t token) {
  Check(rank, peer);
  const uint64_t now_ps = m_transport.NowPs();
  const auto found = m_matching[rank].try_emplace({peer, tag}).first;
  Matching& matching = found->second;
  if (matching.arrived_bytes.empty()) {
    matching.posted.push_back({size_bytes, now_ps, token});
    return;
  }
  CheckSizes(peer, rank, tag, matching.arrived_bytes.front(), size_bytes);
  matching.arrived_bytes.erase(matching.arrived_bytes.begin());
  if (matching.arrived_bytes.empty()) m_matching[rank].erase(found);
  m_completions.Push({rank, token, now_ps});
}

void PointToPoint::OnMessageReceived(uint32_t dst_host, const MessageCookie& cookie) {
  if (cookie.step == 0) return;  // more pieces follow
  Send& send = m_sends[cookie.slot];
  if (!send.is_in_use || send.has_arrived ||
      m_ranks.RankAt(dst_host, cookie.dst_gpu) != send.dst_rank) {
    throw std::logic_error("a message arrived twice or at another host");
  }
  send.has_arrived = true;
  const uint32_t rank = send.dst_rank;
  const auto found = m_matching[rank].try_emplace({send.src_rank, send.tag}).first;
  Matching& matching = found->second;
  if (matching.posted.empty()) {
    matching.arrived_bytes.push_back(send.size_bytes);
  } else {
    const Receive receive = matching.posted.front();
    CheckSizes(send.src_rank, rank, send.tag, send.size_bytes, receive.size_bytes);
    matching.posted.erase(matching.posted.begin());
    if (matching.posted.empty()) m_matching[rank].erase(found);
    m_completions.Push({rank, receive.token, receive.start_ps});
  }
  if (send.is_acknowledged) Release(cookie.slot);
}

void PointToPoint::OnMessageAcknowledged(uint32_t src_host, const MessageCookie& cookie) {
  if (cookie.step == 0) return;  // more pieces follow
  Send& send = m_sends[cookie.slot];
  if (!send.is_in_use || send.is_acknowledged ||
      m_ranks.RankAt(src_host, cookie.src_gpu) != send.src_rank) {
    throw std::logic_error("a message was acknowledged twice or to another host");
  }
  send.is_acknowledged = true;
  m_completions.Push({send.src_rank, send.token, send.start_ps});
  if (send.has_arrived) Release(cookie.slot);
}

void PointToPoint::Release(uint32_t slot) {
  m_sends[slot].is_in_use = false;
  m_free_slots.push_back(slot);
  --m_sends_in_flight;
}

void PointToPoint::DescribeWaiting(uint32_t rank, size_t count_max,
                                   std::vector<WaitingOperation>& out) const {
  for (const auto& [source_and_tag, matching] : m_matching[rank]) {
    const auto [source, tag] = source_and_tag;
    uint64_t under_way = 0;
    for (const Send& send : m_sends) {
      under_way += send.is_in_use && !send.has_arrived && send.src_rank == source &&
                   send.dst_rank == rank && send.tag == tag;
    }
    for (size_t i = 0; i < matching.posted.size() && out.size() < count_max; ++i) {
      out.push_back(
          {matching.posted[i].token,
           "receive of " + FormatSize(matching.posted[i].size_bytes) + " from rank " +
               std::to_string(source) + ", tag " + std::to_string(tag) +
               (i < under_way ? ": was sent and has not arrived" : ": has not been sent")});
    }
  }
  for (const Send& send : m_sends) {
    if (!send.is_in_use || send.is_acknowledged || send.src_rank != rank) continue;
    if (out.size() >= count_max) return;
    out.push_back(
        {send.token,
         "send of " + FormatSize(send.size_bytes) + " to rank " + std::to_string(send.dst_rank) +
             ", tag " + std::to_string(send.tag) +
             (send.has_arrived ? ": arrived and is not acknowledged" : ": has not arrived")});
  }
}

}  // namespace ddlsim
