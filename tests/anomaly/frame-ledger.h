// SPDX-License-Identifier: MIT
//
// The books of single flows and links: what hosts have sent, what arrived, and where the rest went.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "fabric/fabric.h"
#include "fabric/packet-observer.h"

namespace ddlsim {

class FrameLedger : public PacketObserver {
 public:
  explicit FrameLedger(const Fabric& fabric);

  void OnSent(uint32_t host, const Frame& frame, uint64_t time_ps) override;
  void OnReceived(uint32_t host, const Frame& frame, uint64_t time_ps) override;
  void OnDropped(uint32_t port, const Frame& frame, uint64_t time_ps) override;
  void OnLost(uint32_t port, const Frame& frame, uint64_t time_ps) override;

  // Of all flows, at any time: frames between sending and their end. Never negative for any flow,
  // or the test fails.
  uint64_t InFlight() const;
  uint64_t PauseFramesLost(uint32_t port) const { return m_ports[port].pause_frames_lost; }
  // At the end of a run: nothing of any flow is in flight, and each link delivered what entered it
  // but for its losses.
  void CheckEnd() const;

 private:
  struct Balance {
    int64_t sent = 0, received = 0, dropped = 0, lost = 0;
    int64_t InFlight() const { return sent - received - dropped - lost; }
  };
  struct LinkCounts {
    uint64_t entered = 0, arrived = 0, lost = 0, dropped = 0, pause_frames_lost = 0;
  };
  // One way of a queue pair: the index at the receiver says which, the sender which way.
  using FlowKey = std::pair<uint32_t, uint32_t>;
  static FlowKey KeyOf(const Frame& frame) { return {frame.queue_pair, frame.src_host}; }

  const Fabric& m_fabric;
  std::map<FlowKey, Balance> m_flows;
  std::vector<LinkCounts> m_hosts_up;    // by host: its link to the network
  std::vector<LinkCounts> m_hosts_down;  // from the network
  std::vector<LinkCounts> m_ports;       // losses and drops
};

}  // namespace ddlsim
