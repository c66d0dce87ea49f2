// SPDX-License-Identifier: MIT
#include "collective/ideal-network.h"

#include <algorithm>
#include <map>
#include <queue>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "fabric/time.h"

namespace ddlsim {
namespace {

struct Event {
  uint64_t time_ps;
  bool is_complete;  // else the first bit reaches the port
  uint32_t step;
  uint32_t from;
  uint32_t to;
  uint64_t size_bytes;
  bool operator>(const Event& other) const {
    return std::tie(time_ps, step, from, to, is_complete) >
           std::tie(other.time_ps, other.step, other.from, other.to, other.is_complete);
  }
};

struct Host {
  uint64_t out_free_ps = 0;
  uint64_t in_free_ps = 0;
  uint32_t next_step = 0;
  uint32_t missing = 0;                // messages of step next_step - 1
  std::map<uint32_t, uint32_t> early;  // messages by step
};

class IdealNetwork {
 public:
  IdealNetwork(const Schedule& schedule, uint32_t rank_count, uint64_t rate_bps,
               uint64_t latency_ps)
      : m_schedule(schedule),
        m_rate_bps(rate_bps),
        m_latency_ps(latency_ps),
        m_rank_count(rank_count),
        m_hosts(rank_count + schedule.EngineCount()) {}

  uint64_t Run() {
    uint64_t now_ps = 0;
    for (uint32_t rank = 0; rank < m_hosts.size(); ++rank) Advance(rank, now_ps);
    while (!m_events.empty()) {
      const Event event = m_events.top();
      m_events.pop();
      now_ps = event.time_ps;
      if (event.is_complete) {
        OnComplete(event);
      } else {
        OnArrival(event);
      }
    }
    for (const Host& host : m_hosts) {
      if (host.missing > 0 || host.next_step < m_schedule.StepCount() || !host.early.empty()) {
        throw std::logic_error("a rank waits for ever");
      }
    }
    return now_ps;
  }

 private:
  void Advance(uint32_t rank, uint64_t now_ps) {
    Host& host = m_hosts[rank];
    while (host.missing == 0 && host.next_step < m_schedule.StepCount()) {
      const uint32_t step = host.next_step++;
      m_schedule.Step(rank, step, m_actions);
      host.missing = static_cast<uint32_t>(m_actions.receives.size()) - host.early[step];
      host.early.erase(step);
      for (const SendAction& send : m_actions.sends) {
        const bool is_engine = rank >= m_rank_count;
        const uint64_t start_ps = is_engine ? now_ps : std::max(now_ps, host.out_free_ps);
        if (!is_engine) host.out_free_ps = start_ps + SerializationPs(send.size_bytes, m_rate_bps);
        const uint64_t latency_ps = send.peer >= m_rank_count ? 0 : m_latency_ps;
        m_events.push({start_ps + latency_ps, false, step, rank, send.peer, send.size_bytes});
      }
    }
  }

  void OnArrival(Event event) {
    Host& host = m_hosts[event.to];
    const uint64_t wait_ps = event.to >= m_rank_count ? 0 : host.in_free_ps;
    host.in_free_ps =
        std::max(event.time_ps, wait_ps) + SerializationPs(event.size_bytes, m_rate_bps);
    event.time_ps = host.in_free_ps;
    event.is_complete = true;
    m_events.push(event);
  }

  void OnComplete(const Event& event) {
    Host& host = m_hosts[event.to];
    if (event.step >= host.next_step) {
      ++host.early[event.step];
      return;
    }
    --host.missing;
    Advance(event.to, event.time_ps);
  }

  const Schedule& m_schedule;
  uint64_t m_rate_bps;
  uint64_t m_latency_ps;
  uint32_t m_rank_count;
  std::vector<Host> m_hosts;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> m_events;
  StepActions m_actions;
};

}  // namespace

uint64_t IdealTimePs(const Schedule& schedule, uint32_t rank_count, uint64_t rate_bps,
                     uint64_t latency_ps) {
  return IdealNetwork(schedule, rank_count, rate_bps, latency_ps).Run();
}

}  // namespace ddlsim
