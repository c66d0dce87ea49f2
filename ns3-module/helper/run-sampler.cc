// SPDX-License-Identifier: GPL-2.0-only
#include "run-sampler.h"

#include <algorithm>

namespace ddlsim {

RunSampler::RunSampler(Fabric& fabric, const RdmaNic& nic, SampleWriter& writer,
                       uint64_t interval_ps)
    : m_fabric(fabric), m_nic(nic), m_writer(writer), m_interval_ps(interval_ps) {
  const std::vector<PortDetail>& details = fabric.PortDetails();
  uint32_t number = 0;
  for (size_t i = 0; i < details.size(); ++i) {
    number = i > 0 && details[i - 1].from == details[i].from ? number + 1 : 0;
    m_port_numbers.push_back(number);
  }
}

uint64_t RunSampler::Sample() {
  const uint64_t now_ps = m_fabric.NowPs();
  bool is_busy = SampleQueues();
  if (SampleFlows()) is_busy = true;
  m_last_ps = now_ps;
  if (m_writer.IsFull()) {
    m_full_ps = now_ps;
    return kNeverPs;
  }
  uint64_t next_ps = now_ps + m_interval_ps;
  const uint64_t event_ps = m_fabric.NextEventPs();
  if (!is_busy && event_ps != kNeverPs) {
    next_ps = std::max(next_ps, event_ps - event_ps % m_interval_ps);
  }
  return next_ps;
}

bool RunSampler::SampleQueues() {
  const std::vector<GraphNodeInfo>& nodes = m_fabric.Graph().Nodes();
  bool is_any = false;
  // Hosts' ports come first, and hold nothing that waits.
  for (uint32_t port = m_fabric.HostCount(); port < m_port_numbers.size(); ++port) {
    if (m_fabric.Ports()[port].owner_switch == kNoSwitch) continue;
    const uint64_t queued_bytes = m_fabric.QueuedBytes(port);
    if (queued_bytes == 0) continue;
    is_any = true;
    const PortDetail& detail = m_fabric.PortDetails()[port];
    m_writer.Write(QueueSample{m_fabric.NowPs(), nodes[detail.from].name, m_port_numbers[port],
                               nodes[detail.to].name, queued_bytes});
  }
  return is_any;
}

// Queue pairs in the order in which they were opened, which is that of their first messages.
bool RunSampler::SampleFlows() {
  const uint64_t now_ps = m_fabric.NowPs();
  bool is_any = false;
  m_acknowledged_offset.resize(m_nic.QueuePairCount(), 0);
  for (uint32_t i = 0; i < m_nic.QueuePairCount(); ++i) {
    const SendQueuePair& qp = m_nic.QueuePair(i);
    // An offset goes back where what had come early (selective repeat) is counted in its turn.
    const uint64_t acknowledged = qp.una_offset - std::min(qp.una_offset, m_acknowledged_offset[i]);
    if (qp.una_message == kNone && acknowledged == 0) continue;
    is_any = true;
    m_acknowledged_offset[i] = std::max(qp.una_offset, m_acknowledged_offset[i]);
    FlowSample sample;
    sample.time_ps = now_ps;
    sample.src_host = qp.src_host;
    sample.dst_host = qp.dst_host;
    sample.channel = qp.channel;
    sample.window_bytes = qp.window_bytes;
    if (qp.congestion_control != nullptr) {
      sample.has_rate = true;
      sample.rate_bps = qp.congestion_control->RateBps(now_ps);
      sample.window_bytes =
          std::min(sample.window_bytes, qp.congestion_control->WindowBytes(now_ps));
    }
    sample.in_flight_bytes = qp.InFlightBytes();
    sample.acknowledged_bytes = acknowledged;
    sample.elapsed_ps = now_ps - m_last_ps;
    m_writer.Write(sample);
  }
  return is_any;
}

}  // namespace ddlsim
