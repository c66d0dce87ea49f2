// SPDX-License-Identifier: MIT
//
// The fabric's lazy accounting against a naive oracle that has an event for every transmission that
// ends and exact queues: the same deliveries, drops, queue lengths and marks, on random traffic.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "fabric/fabric.h"
#include "topology/builders.h"

namespace ddlsim {
namespace {

struct Injection {
  uint64_t time_ps;
  uint32_t src, dst;
  uint16_t size_bytes;
};

// Sends frames of its own at given times; records arrivals.
class Injector : public HostLogic {
 public:
  explicit Injector(Fabric& fabric) : m_fabric(fabric) { fabric.SetHostLogic(this); }
  void Plan(const std::vector<Injection>& plan) {
    m_plan = plan;
    for (uint32_t i = 0; i < plan.size(); ++i) {
      m_fabric.Schedule(plan[i].time_ps, EventClass::kHostTimer, plan[i].src, i);
    }
  }
  void OnFrame(uint32_t host, uint32_t index) override {
    const Frame& frame = m_fabric.Frames()[index];
    arrivals.emplace(static_cast<uint32_t>(frame.cookie),
                     std::make_tuple(m_fabric.NowPs(), host, (frame.flags & kEcnMarked) != 0));
    m_fabric.Frames().Free(index);
  }
  void OnHostTimer(uint32_t ref) override {
    const Injection& injection = m_plan[ref];
    const uint32_t index = m_fabric.Frames().Allocate();
    Frame& frame = m_fabric.Frames()[index];
    frame = Frame();
    frame.cookie = ref;
    frame.src_host = injection.src;
    frame.dst_host = injection.dst;
    frame.size_bytes = injection.size_bytes;
    frame.type = FrameType::kData;
    frame.transmission = ref;
    m_fabric.TransmitFromHost(injection.src, index);
  }
  void OnPortFree(uint32_t) override {}
  void OnTransmitted(uint32_t, uint32_t) override {}
  void OnQueuePairTimer(uint32_t) override {}

  std::map<uint32_t, std::tuple<uint64_t, uint32_t, bool>> arrivals;

 private:
  Fabric& m_fabric;
  std::vector<Injection> m_plan;
};

// One switch, frames by the book: an event at every arrival and at every end of transmission.
class StarOracle {
 public:
  StarOracle(uint32_t hosts, uint64_t rate_bps, uint64_t delay_ps, uint64_t buffer_bytes,
             uint64_t kmin_bytes)
      : m_rate_bps(rate_bps),
        m_delay_ps(delay_ps),
        m_buffer_bytes(buffer_bytes),
        m_kmin_bytes(kmin_bytes),
        m_host_free_ps(hosts),
        m_queues(hosts),
        max_queue(hosts) {}

  void Run(const std::vector<Injection>& plan) {
    // (time, class, tie, frame): ends of transmission before arrivals, as in the fabric.
    std::set<std::tuple<uint64_t, int, uint32_t, uint32_t>> events;
    for (uint32_t i = 0; i < plan.size(); ++i) events.insert({plan[i].time_ps, 2, plan[i].src, i});
    while (!events.empty()) {
      const auto [now_ps, kind, tie, frame] = *events.begin();
      events.erase(events.begin());
      const Injection& injection = plan[frame];
      const uint64_t wire_ps = SerializationPs(injection.size_bytes + 20, m_rate_bps);
      if (kind == 2) {
        uint64_t& free_ps = m_host_free_ps[injection.src];
        free_ps = std::max(free_ps, now_ps) + wire_ps;
        events.insert({free_ps + m_delay_ps, 1, injection.src, frame});
      } else if (kind == 1) {
        std::deque<uint32_t>& queue = m_queues[injection.dst];
        if (m_used_bytes + injection.size_bytes > m_buffer_bytes) {
          dropped.insert(frame);
          continue;
        }
        uint64_t queued_bytes = 0;
        for (uint32_t other : queue) queued_bytes += plan[other].size_bytes;
        if (queued_bytes > m_kmin_bytes) marked.insert(frame);
        m_used_bytes += injection.size_bytes;
        max_queue[injection.dst] =
            std::max<uint64_t>(max_queue[injection.dst], queued_bytes + injection.size_bytes);
        queue.push_back(frame);
        if (queue.size() == 1) events.insert({now_ps + wire_ps, 0, injection.dst, frame});
      } else {
        std::deque<uint32_t>& queue = m_queues[injection.dst];
        queue.pop_front();
        m_used_bytes -= injection.size_bytes;
        arrivals[frame] = now_ps + m_delay_ps;
        if (!queue.empty()) {
          const uint64_t next_ps = SerializationPs(plan[queue.front()].size_bytes + 20, m_rate_bps);
          events.insert({now_ps + next_ps, 0, injection.dst, queue.front()});
        }
      }
    }
  }

 private:
  uint64_t m_rate_bps, m_delay_ps, m_buffer_bytes, m_kmin_bytes;
  uint64_t m_used_bytes = 0;
  std::vector<uint64_t> m_host_free_ps;
  std::vector<std::deque<uint32_t>> m_queues;

 public:
  std::map<uint32_t, uint64_t> arrivals;
  std::set<uint32_t> dropped, marked;
  std::vector<uint64_t> max_queue;
};

TEST(FabricOracle, SharedBufferAndQueuesAreExact) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const uint32_t hosts = 3 + random() % 6;
    const uint64_t rate_bps = seed % 3 == 0 ? 33333333333 : 100000000000;
    LinkConfig link;
    link.rate_bps = rate_bps;
    link.delay_ps = 100000 + random() % 1000;
    SwitchConfig config;
    config.buffer_bytes = 20000 + random() % 60000;
    FabricConfig fabric_config;
    // Kmin = Kmax: every frame behind a longer queue is marked, no draw.
    const uint64_t kmin_bytes = 5000 + random() % 20000;
    fabric_config.ecn.kmin_bytes_per_100g = kmin_bytes;
    fabric_config.ecn.kmax_bytes_per_100g = kmin_bytes;
    const uint64_t kmin_scaled = kmin_bytes * (rate_bps / 1000000) / 100000;
    std::vector<Injection> plan;
    for (int i = 0; i < 3000; ++i) {
      Injection injection;
      // A coarse grid of times makes ties frequent.
      injection.time_ps = (random() % 2000) * 100000;
      injection.src = random() % hosts;
      injection.dst = random() % 4 == 0 ? random() % hosts : 0;
      if (injection.dst == injection.src) injection.dst = (injection.src + 1) % hosts;
      injection.size_bytes = static_cast<uint16_t>(66 + random() % 4100);
      plan.push_back(injection);
    }
    // One injection per host and time: their order at one host is not the fabric's affair.
    std::set<std::pair<uint64_t, uint32_t>> seen;
    std::vector<Injection> unique;
    for (const Injection& injection : plan) {
      if (seen.insert({injection.time_ps, injection.src}).second) unique.push_back(injection);
    }
    // Every other time through real queues, which have to come to the same.
    fabric_config.qos.has_classes = seed % 2 == 0;
    Fabric fabric(BuildStar(hosts, config, link), fabric_config);
    Injector injector(fabric);
    injector.Plan(unique);
    fabric.RunUntil(kNeverPs);
    StarOracle oracle(hosts, rate_bps, link.delay_ps, config.buffer_bytes, kmin_scaled);
    oracle.Run(unique);
    ASSERT_GT(oracle.dropped.size(), 0u);
    ASSERT_GT(oracle.marked.size(), 0u);
    EXPECT_EQ(fabric.Counters().dropped_frames, oracle.dropped.size());
    EXPECT_EQ(fabric.Counters().ecn_marked_frames, oracle.marked.size());
    ASSERT_EQ(injector.arrivals.size(), oracle.arrivals.size());
    for (const auto& [frame, arrival] : injector.arrivals) {
      ASSERT_EQ(std::get<0>(arrival), oracle.arrivals.at(frame));
      ASSERT_EQ(std::get<2>(arrival), oracle.marked.count(frame) != 0);
    }
    for (uint32_t host = 0; host < hosts; ++host) {
      // The switch's port towards a host follows the hosts' own ports.
      EXPECT_EQ(fabric.Ports()[hosts + host].max_queued_bytes, oracle.max_queue[host]);
    }
    EXPECT_EQ(fabric.Frames().InUse(), 0u);
  }
}

}  // namespace
}  // namespace ddlsim
