// SPDX-License-Identifier: GPL-2.0-only
//
// Priority-based flow control (IEEE 802.1Qbb): what each ingress port and class holds of its
// switch's buffer, the pause frames that follow from it, and the ports that they hold back.
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/fabric-config.h"

namespace ddlsim {

class Fabric;
class QueuedForwarding;

// One direction of a link and a class, named by the egress port that is held back.
struct PausedQueue {
  uint32_t port = 0;
  uint32_t traffic_class = 0;
  uint64_t since_ps = 0;
};

// Bytes that may still come after an ingress port has decided to pause its link: the frame that
// made it decide; a frame in front of the pause frame and pause frames of other classes, at the
// port that sends it; the way there; a frame that has just begun there; the way back; and what is
// inside the switch (IEEE 802.1Q-2018, annex N, without the tolerances of interfaces).
uint64_t HeadroomBytes(uint64_t rate_bps, uint64_t delay_ps, uint64_t switch_latency_ps,
                       uint32_t frame_bytes_max);

class FlowControl {
 public:
  // Throws InputError where the headroom of all ports exceeds a switch's buffer.
  FlowControl(Fabric& fabric, QueuedForwarding& queues);

  bool IsLossless(uint32_t traffic_class) const {
    return (m_lossless_classes >> traffic_class & 1) != 0;
  }
  // Takes `size_bytes` into the account of an ingress port, pausing its link when it is over its
  // threshold; false when not even the headroom holds it.
  bool Charge(uint32_t ingress, uint32_t traffic_class, uint32_t size_bytes);
  // The same for lossy traffic, which shares what is not headroom.
  bool ChargeLossy(uint32_t ingress, uint32_t traffic_class, uint64_t queue_bytes,
                   uint32_t size_bytes, double alpha);
  void Release(uint32_t ingress, uint32_t traffic_class, uint32_t size_bytes);
  // A NIC that cannot keep up pauses its switch. `item` numbers its pauses.
  void PauseFromHost(uint32_t host, uint32_t traffic_class, uint32_t quanta, uint32_t item) {
    SendFrame(host, traffic_class, quanta, item);
  }
  // The pause of an ingress port lasts: sends it again, looks for storms and deadlocks.
  void Refresh(uint32_t ingress, uint32_t traffic_class);

  // A pause frame has reached the port that it holds back: 0 quanta let it go.
  void Pause(uint32_t port, uint32_t traffic_class, uint32_t quanta);
  bool IsPaused(uint32_t port, uint32_t traffic_class, uint64_t now_ps) const {
    return m_pauses[port * m_classes + traffic_class].until_ps > now_ps;
  }

  // Time for which the port has been held back so far, summed over classes.
  uint64_t PausedPs(uint32_t port) const;
  // Pauses that have lasted PfcConfig::storm_ps, in the order of their discovery.
  const std::vector<PausedQueue>& Storms() const { return m_storms; }
  // Ports each of which waits for the next, and the last for the first; empty: no deadlock.
  const std::vector<PausedQueue>& Deadlock() const { return m_deadlock; }

 private:
  struct Ingress {
    uint64_t shared_bytes = 0;
    uint64_t headroom_used_bytes = 0;
    uint64_t headroom_bytes = 0;
    uint64_t paused_since_ps = 0;
    uint32_t pauses = 0;  // frames sent: item of random draws
    bool is_paused = false;
    bool is_refresh_set = false;
    bool is_storm_noted = false;
  };
  struct PauseState {
    uint64_t until_ps = 0;
    uint64_t since_ps = 0;
    uint64_t total_ps = 0;
  };
  struct Pool {  // of a switch
    uint64_t shared_bytes = 0;
    uint64_t used_bytes = 0;
  };

  Ingress& At(uint32_t ingress, uint32_t traffic_class) {
    return m_ingress[ingress * m_classes + traffic_class];
  }
  uint64_t HeadroomOf(uint32_t ingress) const;
  Pool& PoolOf(uint32_t ingress);
  uint64_t ThresholdBytes(const Pool& pool) const;
  void SendPause(uint32_t ingress, uint32_t traffic_class, uint32_t quanta);
  void SendFrame(uint32_t port, uint32_t traffic_class, uint32_t quanta, uint32_t item);
  void SetRefresh(uint32_t ingress, uint32_t traffic_class);
  void FindDeadlock();
  bool StaysBlocked(const PausedQueue& queue, const std::vector<PausedQueue>& blocked);
  std::vector<PausedQueue> CycleAmong(const std::vector<PausedQueue>& blocked) const;

  Fabric& m_fabric;
  QueuedForwarding& m_queues;
  const uint32_t m_classes;
  uint32_t m_lossless_classes;
  std::vector<Ingress> m_ingress;    // by the egress port at the far end, and class
  std::vector<PauseState> m_pauses;  // by port and class
  std::vector<Pool> m_pools;         // by switch
  std::vector<PausedQueue> m_storms;
  std::vector<PausedQueue> m_deadlock;
};

}  // namespace ddlsim
