// SPDX-License-Identifier: GPL-2.0-only
//
// Deadlocks of paused ports: a port is held back until the buffer at its far end empties, which
// needs ports there to send, which are held back in their turn (Hu et al., "Deadlocks in Datacenter
// Networks", HotNets 2016).
#include <algorithm>

#include "fabric/fabric.h"

namespace ddlsim {

// The largest set of paused ports of which none can be let go while the others stay: all that are
// paused, less those whose far end gets below its threshold without them, until nothing changes.
void FlowControl::FindDeadlock() {
  std::vector<PausedQueue> blocked;
  for (uint32_t port = 0; port < m_fabric.m_ports.size(); ++port) {
    for (uint32_t c = 0; c < m_classes; ++c) {
      if (!IsPaused(port, c, m_fabric.NowPs()) || !At(port, c).is_paused) continue;
      blocked.push_back({port, c, At(port, c).paused_since_ps});
    }
  }
  for (size_t before = 0; before != blocked.size();) {
    before = blocked.size();
    std::vector<PausedQueue> left;
    for (const PausedQueue& queue : blocked) {
      if (StaysBlocked(queue, blocked)) left.push_back(queue);
    }
    blocked = std::move(left);
  }
  if (blocked.empty()) return;
  m_deadlock = CycleAmong(blocked);
  m_fabric.PauseAt(0);
}

// Whether the queue's far end keeps too much of it although all ports but the blocked ones send.
bool FlowControl::StaysBlocked(const PausedQueue& queue, const std::vector<PausedQueue>& blocked) {
  const Pool& pool = PoolOf(queue.port);
  uint64_t stuck_bytes = 0;
  for (const PausedQueue& next : blocked) {
    if (m_fabric.m_ports[next.port].owner_switch != m_fabric.m_ports[queue.port].peer) continue;
    if (next.traffic_class != queue.traffic_class) continue;
    stuck_bytes += m_queues.BytesFrom(next.port, next.traffic_class, queue.port);
  }
  if (stuck_bytes == 0) return false;
  const Ingress& account = At(queue.port, queue.traffic_class);
  const uint64_t leaving_bytes = account.shared_bytes + account.headroom_used_bytes - stuck_bytes;
  if (account.headroom_used_bytes > leaving_bytes) return true;
  // The most generous threshold: nothing else is in the switch.
  const double free_bytes =
      static_cast<double>(pool.shared_bytes) - static_cast<double>(stuck_bytes);
  const uint64_t held_bytes = stuck_bytes + m_fabric.m_config.pfc.xon_offset_bytes;
  return static_cast<double>(held_bytes) > m_fabric.m_config.pfc.alpha * free_bytes;
}

// From any of them along the queue that holds most of its bytes, until one comes again.
std::vector<PausedQueue> FlowControl::CycleAmong(const std::vector<PausedQueue>& blocked) const {
  std::vector<PausedQueue> path{blocked.front()};
  for (;;) {
    const PausedQueue& last = path.back();
    const PausedQueue* next = nullptr;
    uint64_t most_bytes = 0;
    for (const PausedQueue& candidate : blocked) {
      if (m_fabric.m_ports[candidate.port].owner_switch != m_fabric.m_ports[last.port].peer ||
          candidate.traffic_class != last.traffic_class) {
        continue;
      }
      const uint64_t bytes = m_queues.BytesFrom(candidate.port, candidate.traffic_class, last.port);
      if (bytes > most_bytes) {
        most_bytes = bytes;
        next = &candidate;
      }
    }
    const auto known = std::find_if(path.begin(), path.end(), [next](const PausedQueue& queue) {
      return queue.port == next->port && queue.traffic_class == next->traffic_class;
    });
    if (known != path.end()) return {known, path.end()};
    path.push_back(*next);
  }
}

}  // namespace ddlsim
