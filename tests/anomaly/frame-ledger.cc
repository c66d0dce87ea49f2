// SPDX-License-Identifier: MIT
#include "anomaly/frame-ledger.h"

#include <gtest/gtest.h>

namespace ddlsim {

FrameLedger::FrameLedger(const Fabric& fabric)
    : m_fabric(fabric),
      m_hosts_up(fabric.HostCount()),
      m_hosts_down(fabric.HostCount()),
      m_ports(fabric.Ports().size()) {}

void FrameLedger::OnSent(uint32_t host, const Frame& frame, uint64_t) {
  EXPECT_EQ(frame.src_host, host);
  m_flows[KeyOf(frame)].sent++;
  m_hosts_up[host].entered++;
}

void FrameLedger::OnReceived(uint32_t host, const Frame& frame, uint64_t) {
  EXPECT_EQ(frame.dst_host, host);
  m_flows[KeyOf(frame)].received++;
  m_hosts_down[host].arrived++;
}

void FrameLedger::OnDropped(uint32_t port, const Frame& frame, uint64_t) {
  m_flows[KeyOf(frame)].dropped++;
  m_ports[port].dropped++;
}

void FrameLedger::OnLost(uint32_t port, const Frame& frame, uint64_t) {
  if (frame.type == FrameType::kPause) {
    m_ports[port].pause_frames_lost++;
    return;
  }
  m_flows[KeyOf(frame)].lost++;
  m_ports[port].lost++;
}

uint64_t FrameLedger::InFlight() const {
  int64_t frames = 0;
  for (const auto& [key, flow] : m_flows) {
    EXPECT_GE(flow.InFlight(), 0) << "queue pair " << key.first << " from host " << key.second;
    frames += flow.InFlight();
  }
  return static_cast<uint64_t>(frames);
}

void FrameLedger::CheckEnd() const {
  for (const auto& [key, flow] : m_flows) {
    EXPECT_EQ(flow.InFlight(), 0) << "queue pair " << key.first << " from host " << key.second
                                  << ": sent " << flow.sent << ", received " << flow.received
                                  << ", dropped " << flow.dropped << ", lost " << flow.lost;
  }
  for (uint32_t i = 0; i < m_ports.size(); ++i) {
    const Port& port = m_fabric.Ports()[i];
    const PortDetail& detail = m_fabric.PortDetails()[i];
    EXPECT_EQ(m_ports[i].lost + m_ports[i].pause_frames_lost, detail.lost_frames) << "port " << i;
    EXPECT_EQ(detail.pause_frames, detail.pause_frames_received + m_ports[i].pause_frames_lost);
    EXPECT_EQ(m_ports[i].dropped, detail.dropped_frames) << "port " << i;
    const uint64_t frames = port.Frames() - detail.pause_frames;
    if (detail.from < m_fabric.HostCount()) {
      EXPECT_EQ(frames, m_hosts_up[detail.from].entered);
    }
    if (detail.to < m_fabric.HostCount()) {
      EXPECT_EQ(frames - m_ports[i].lost, m_hosts_down[detail.to].arrived);
    }
  }
}

}  // namespace ddlsim
