// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/endpoint.h"

#include <stdexcept>

namespace ddlsim {

Endpoint::Endpoint(const RankMap& ranks, const CommunicatorTable& communicators,
                   const EndpointConfig& config, Transport& transport, CollectiveObserver* observer)
    : m_ranks(ranks),
      m_communicators(communicators),
      m_config(config),
      m_transport(transport),
      m_collectives(ranks, communicators, m_config, transport, m_completions, observer),
      m_point_to_point(ranks, transport, m_completions, config.library) {
  if (ranks.RankCount() != communicators.RankCount()) {
    throw std::logic_error("rank map and communicators disagree on the number of ranks");
  }
}

void Endpoint::Settle() {
  if (m_listener == nullptr) throw std::logic_error("the endpoint has no listener");
  do {
    while (!m_completions.IsEmpty()) m_listener->OnComplete(m_completions.Pop());
  } while (m_listener->OnSettled());
}

void Endpoint::SetTimer(uint32_t rank, uint64_t delay_ps, uint32_t purpose) {
  MessageCookie cookie;
  cookie.kind = MessageKind::kTimer;
  cookie.step = purpose;
  cookie.src_gpu = m_ranks.GpuOf(rank);
  m_transport.SetTimer(m_ranks.EndpointOf(rank), delay_ps,
                       m_ranks.GpuOf(rank) * kTimerPurposeCount + purpose, cookie.Encode());
}

void Endpoint::OnMessageReceived(uint32_t dst_host, uint32_t src_host, uint64_t cookie,
                                 uint64_t size_bytes) {
  const MessageCookie decoded = MessageCookie::Decode(cookie);
  Enter([&] {
    if (decoded.kind == MessageKind::kCollective) {
      m_collectives.OnMessageReceived(dst_host, src_host, decoded);
    } else {
      m_point_to_point.OnMessageReceived(dst_host, decoded);
    }
  });
}

void Endpoint::OnMessageTransmitted(uint32_t src_host, uint32_t dst_host, uint64_t cookie) {
  const MessageCookie decoded = MessageCookie::Decode(cookie);
  if (decoded.kind != MessageKind::kCollective) return;
  Enter([&] { m_collectives.OnMessageTransmitted(src_host, decoded); });
}

// Collectives do not wait for acknowledgements: their slot may be in use for another one by now.
void Endpoint::OnMessageAcknowledged(uint32_t src_host, uint32_t dst_host, uint64_t cookie) {
  const MessageCookie decoded = MessageCookie::Decode(cookie);
  if (decoded.kind != MessageKind::kPointToPoint) return;
  Enter([&] { m_point_to_point.OnMessageAcknowledged(src_host, decoded); });
}

void Endpoint::OnTimer(uint32_t host, uint64_t cookie) {
  const MessageCookie decoded = MessageCookie::Decode(cookie);
  if (decoded.kind == MessageKind::kChannelTimer) {
    return Enter([&] {
      if (decoded.step == MessageCookie::kSendTimerStep) {
        m_point_to_point.OnTimer(decoded);
      } else {
        m_collectives.OnTimer(host, decoded);
      }
    });
  }
  const uint32_t rank = m_ranks.RankAt(host, decoded.src_gpu);
  Enter([&] { m_listener->OnTimer(rank, decoded.step); });
}

std::vector<WaitingOperation> Endpoint::Waiting(uint32_t rank, size_t count_max) const {
  std::vector<WaitingOperation> waiting;
  m_collectives.DescribeWaiting(rank, count_max, waiting);
  m_point_to_point.DescribeWaiting(rank, count_max, waiting);
  return waiting;
}

}  // namespace ddlsim
