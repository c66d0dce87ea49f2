// SPDX-License-Identifier: GPL-2.0-only
//
// Foreign frames at the NICs. A queue pair that stands for them waits in its host's round of
// senders like any other; it counts as one with something to send again, a path that others rarely
// take.
#include <stdexcept>

#include "nic/rdma-nic.h"

namespace ddlsim {

void RdmaNic::OpenForeign(uint32_t host_index) {
  if (host_index >= m_hosts.size()) throw std::logic_error("foreign traffic at no host");
  Host& host = m_hosts[host_index];
  if (host.foreign_queue_pair != kNone) throw std::logic_error("foreign traffic opened twice");
  host.foreign_queue_pair = m_send.Allocate();
  SendQueuePair& qp = m_send[host.foreign_queue_pair];
  qp.src_host = host_index;
  qp.dst_host = host_index;
  qp.is_foreign = true;
  qp.has_lost = true;
}

bool RdmaNic::HasForeign(uint32_t host_index) const {
  return m_foreign != nullptr && m_foreign->HasFrame(host_index);
}

void RdmaNic::EmitForeign(uint32_t host_index) {
  const ForeignFrame foreign = m_foreign->NextFrame(host_index);
  const uint32_t frame_index = m_fabric.Frames().Allocate();
  Frame& frame = m_fabric.Frames()[frame_index];
  frame.cookie = foreign.handle;
  frame.message_start_ps = m_fabric.NowPs();
  frame.sent_ps = m_fabric.NowPs();
  frame.src_host = host_index;
  frame.dst_host = foreign.dst_host;
  frame.flow_hash = foreign.flow_hash;
  frame.queue_pair = 0;
  frame.psn = foreign.transmission;
  frame.transmission = foreign.transmission;
  frame.message_retransmissions = 0;
  frame.size_bytes = static_cast<uint16_t>(foreign.size_bytes);
  frame.type = foreign.has_payload ? FrameType::kForeignData : FrameType::kForeignControl;
  frame.flags = static_cast<uint8_t>((foreign.is_ecn_capable ? 0 : kNotEcnCapable) |
                                     m_config.foreign_class << kTrafficClassShift);
  m_fabric.TransmitFromHost(host_index, frame_index);
  m_foreign->OnTransmitting(host_index, m_fabric.PortBusyUntilPs(host_index));
}

// While flow control holds back the queue pairs' class: foreign frames alone.
void RdmaNic::PullForeign(uint32_t host_index) {
  Host& host = m_hosts[host_index];
  if (!HasForeign(host_index) || IsHeldBack(host_index, m_config.foreign_class)) return;
  EmitForeign(host_index);
  if (!HasForeign(host_index) || host.is_pull_set) return;
  host.is_pull_set = true;
  m_fabric.Schedule(m_fabric.PortBusyUntilPs(host_index), EventClass::kPortFree, host_index, 0);
}

void RdmaNic::OnForeignFrame(uint32_t host, uint32_t frame_index) {
  const Frame& frame = m_fabric.Frames()[frame_index];
  const uint64_t handle = frame.cookie;
  const bool is_marked = (frame.flags & kEcnMarked) != 0;
  m_fabric.Frames().Free(frame_index);
  if (m_foreign != nullptr) m_foreign->OnArrival(host, handle, is_marked);
}

void RdmaNic::OnForeignGone(uint32_t frame_index, bool is_dropped) {
  if (m_foreign != nullptr) m_foreign->OnGone(m_fabric.Frames()[frame_index].cookie, is_dropped);
}

}  // namespace ddlsim
